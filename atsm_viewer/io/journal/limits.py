"""How much a journal may ask for, so that a damaged or hostile one cannot exhaust the machine."""

from __future__ import annotations

MIB = 1024 * 1024

MAX_FILE_BYTES = 1024 * MIB
MAX_JSON_BYTES = 16 * MIB
MAX_BLOB_BYTES = 256 * MIB
# One voxel is one byte in memory: the largest block of a mask or patch, and all masks of a session.
MAX_BLOCK_VOXELS = 256 * MIB
MAX_STATE_VOXELS = 512 * MIB
# Names of steps kept over a compaction; their number is kept whatever it is.
MAX_KEPT_STEPS = 500
