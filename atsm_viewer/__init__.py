"""ATSM Viewer: paint tumour and muscle on PET/CT, read SUV and tumour-to-muscle ratios live.

Research software; never a diagnosis.
"""

__version__ = "0.1.0"
