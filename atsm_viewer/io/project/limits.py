"""How much a project file may ask for, so that a hostile one cannot exhaust the machine."""

from __future__ import annotations

MIB = 1024 * 1024

MAX_MEMBERS = 4096
MAX_MEMBER_BYTES = 512 * MIB
MAX_TOTAL_BYTES = 2048 * MIB
MAX_MANIFEST_BYTES = 16 * MIB
MAX_UNDECLARED_BYTES = 16 * MIB
# Deflate cannot exceed about 1032:1, so a laxer limit would never refuse anything.
MAX_RATIO = 200
# Above this the writer stores a manifest as it is, to stay well below MAX_RATIO.
DEFLATE_UP_TO_RATIO = 100
# A central directory of MAX_MEMBERS entries with generous names.
MAX_DIRECTORY_BYTES = MAX_MEMBERS * 512
# Packed images: the array in memory, and the member that holds it.
MAX_IMAGE_BYTES = 1024 * MIB
IMAGE_MEMBERS = "images/"
MAX_IMAGE_MEMBER_BYTES = 1024 * MIB
# An image of air packs better than MAX_RATIO; up to this size it costs nobody anything.
SMALL_IMAGE_BYTES = 64 * MIB
MAX_NRRD_HEADER_BYTES = 64 * 1024
CHUNK_BYTES = MIB
