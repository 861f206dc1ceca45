"""WHAT IT LOOKS LIKE: Qt-free pictures from values.

Lives here: the view transform, windows, colour maps, layers, the composer that draws one fused
picture per view (CT, PET, ROI fill), and the vector geometry drawn above it (outlines, letters,
scale bar). The window, the report and the headless screenshot all draw with these functions.
May import: ``domain``, numpy; numba only inside ``numba_kernels.py``, which is imported late;
Pillow only in ``screenshot.py``. No Qt.
To add one: a colour map is one entry in ``colour_maps.py``; a layer is a frozen dataclass and a
few lines in ``compose.py``; a kernel needs both a NumPy and a numba version that give equal pixels.
Guarded by: ``tests/unit/render``, ``tests/benchmarks/test_bench_render.py``.
"""
