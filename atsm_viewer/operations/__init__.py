"""ONE-SHOT EDITS of a ROI: one operation per file, pure.

May import: ``domain``, numpy, scipy, scikit-image; no other room.
To add one: one file with an operation, and its name in ``OPERATIONS``.
Guarded by: ``tests/unit/operations``, ``tests/contracts``.
"""

from __future__ import annotations

from atsm_viewer.domain.spec import Spec

OPERATIONS: tuple[Spec, ...] = ()
