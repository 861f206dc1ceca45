"""ONE-SHOT EDITS of a ROI: one operation per file, pure.

An operation gets an ``OperationContext`` and checked option values, works in a margin box of the ROI
(the whole image only where a body must be found) and hands back new voxels, new ROIs, what it found and
what is doubtful. What it cannot do it says as an ``AtsmError``; it never changes anything by itself.

May import: ``domain``, numpy, scipy, scikit-image; no other room.
To add one: one file with an ``Operation``, and its name in ``OPERATIONS`` beside those of its group.
Guarded by: ``tests/unit/operations``, ``tests/contracts/test_operations_contract.py``,
``tests/properties/test_roi_histories.py``, ``tests/benchmarks/test_bench_operations.py``.
"""

from __future__ import annotations

from atsm_viewer.operations.adaptive import ADAPTIVE
from atsm_viewer.operations.base import NewRoi, Operation, OperationContext, OperationResult
from atsm_viewer.operations.clear import CLEAR
from atsm_viewer.operations.combine import COMBINE
from atsm_viewer.operations.copy_to_scan import COPY_TO_SCAN
from atsm_viewer.operations.copy_to_slice import COPY_TO_SLICE
from atsm_viewer.operations.fill_holes import FILL_HOLES
from atsm_viewer.operations.interpolate import INTERPOLATE
from atsm_viewer.operations.invert import INVERT
from atsm_viewer.operations.mirror import MIRROR
from atsm_viewer.operations.move import MOVE, NUDGES
from atsm_viewer.operations.parts import KEEP_LARGEST, REMOVE_ISLANDS, SPLIT
from atsm_viewer.operations.percent_of_max import PERCENT_OF_MAX
from atsm_viewer.operations.refine_edge import REFINE_EDGE
from atsm_viewer.operations.resize import GROW, SHRINK
from atsm_viewer.operations.seeds import GROW_FROM_SEEDS
from atsm_viewer.operations.smooth import SMOOTH
from atsm_viewer.operations.threshold import THRESHOLD

OPERATIONS: tuple[Operation, ...] = (
    THRESHOLD,
    PERCENT_OF_MAX,
    ADAPTIVE,
    GROW_FROM_SEEDS,
    REFINE_EDGE,
    INTERPOLATE,
    GROW,
    SHRINK,
    SMOOTH,
    FILL_HOLES,
    CLEAR,
    KEEP_LARGEST,
    REMOVE_ISLANDS,
    SPLIT,
    COMBINE,
    INVERT,
    COPY_TO_SLICE,
    COPY_TO_SCAN,
    MIRROR,
    MOVE,
    *NUDGES,
)


def operation(operation_id: str) -> Operation:
    """Return an operation; raises KeyError for an unknown one."""
    for entry in OPERATIONS:
        if entry.id == operation_id:
            return entry
    raise KeyError(operation_id)


__all__ = ["OPERATIONS", "NewRoi", "Operation", "OperationContext", "OperationResult", "operation"]
