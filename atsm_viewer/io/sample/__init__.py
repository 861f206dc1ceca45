"""SAMPLE STUDIES: a simulated mouse and a simulated patient with known truth, made on demand.

What lives here: solid shapes (``shapes``), tissues painted into a label map (``anatomy``), the two
subjects (``mouse``, ``patient``), the scan plan and its dose arithmetic (``scenario``), image formation
(``simulate``), DICOM writing (``dicom_out``), the truth beside the images (``truth``) and the one
entry point ``make_sample`` (``make``).
May import: domain, numpy, pydicom and SimpleITK (this is part of the io room), no other room.
To add a subject: one file that builds a ``Scenario``, and one line in ``make.SCENARIOS``.
Guarded by: ``tests/unit/io/test_sample_*.py``.
"""

from atsm_viewer.io.sample.make import SampleStudy, make_sample
from atsm_viewer.io.sample.scenario import SampleKind
from atsm_viewer.io.sample.truth import TruthRegion

__all__ = ["SampleKind", "SampleStudy", "TruthRegion", "make_sample"]
