"""HOW THINGS ENTER AND LEAVE: image files, masks, projects, tables.

What lives here: finding image series (``catalogue``), reading them (``read_series``, ``dicom/``,
``readers/``), archives (``zip_folder``), masks (``masks``), the identity of images (``digest``,
``relocate``), simulated studies (``sample/``), the project file (``project/``) and the exporters.
``conventions`` is the only place that knows the axis orders and signs of DICOM, ITK and NIfTI.
May import: domain, numpy, pydicom, SimpleITK, csv, zipfile; no other room.
To add a volume format: one reader in ``readers/`` and one line in ``readers.READERS``.
Guarded by: ``tests/unit/io``, ``tests/golden``, ``tests/fuzz``.
"""
