"""THE PROJECT FILE ``.atsm``: a ZIP with a JSON manifest and one small ``.seg.nrrd`` per ROI.

``save`` stages, reads back and replaces; ``load`` reads, migrates and validates; ``schema`` turns a
session into plain dictionaries and back; ``archive`` and ``salvage`` read a container that may be
hostile or broken; ``attach`` decides whether images are the ones that were drawn on.

May import: ``domain``, the rest of ``io``. ``migrations`` imports nothing of ours.
To add a field: add it to its domain dataclass with a default (older files lack it). To change the
meaning of one: add a migration and commit a golden file of the old version.
Guarded by: ``tests/unit/io/project``, ``tests/properties/test_project_roundtrip.py``,
``tests/golden/test_golden_projects.py``, ``tests/benchmarks/test_bench_project.py``.
"""
