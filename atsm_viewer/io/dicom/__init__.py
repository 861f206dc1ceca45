"""DICOM: from files to series, from series to volumes and header facts.

What lives here: the bounded header walk (``walk``) and its way out through pydicom (``pydicom_door``),
one file's header (``header``), grouping into series (``grouping``), slice order and geometry
(``stack``), pixels (``pixels``), the meaning of stored values (``real_world``), multi-frame objects
(``multiframe``), the facts for the SUV (``facts``) and series reading (``read``).
May import: domain, ``io.conventions``, numpy, pydicom.
To add a wanted tag: one line in ``tags.WANTED``. To add a vendor element: one line in ``facts``.
Guarded by: ``tests/unit/io/test_dicom_*.py``, ``tests/golden/test_reading_published_data.py``.
"""
