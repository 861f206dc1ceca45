"""How many separate parts a mask has."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.mask import BoolArray


def count_components(block_kji: BoolArray) -> int:
    """Number of parts; voxels that share a face, an edge or a corner belong together.

    Works on the runs along i instead of the voxels: two runs of neighbouring rows touch when one
    starts no later than one voxel behind the end of the other. There are far fewer runs than
    voxels, so this takes a fraction of a voxel-wise labelling.
    """
    if not block_kji.any():
        return 0
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # One empty row behind each slice and two empty columns keep the ends of rows apart.
    n_rows = block_kji.shape[1] + 1
    padded = np.pad(block_kji, ((0, 0), (0, 1), (1, 2))).astype(np.int8)
    width = padded.shape[2]
    flat = np.diff(padded.ravel(), prepend=np.int8(0))
    starts, ends = np.flatnonzero(flat == 1), np.flatnonzero(flat == -1)
    ours, theirs = [], []
    for rows_ahead in (1, n_rows - 1, n_rows, n_rows + 1):
        ahead = rows_ahead * width
        first = np.searchsorted(ends, starts + ahead, side="left")
        stop = np.searchsorted(starts, ends + ahead, side="right")
        touching = np.maximum(stop - first, 0)
        run = np.repeat(np.arange(starts.size), touching)
        nth = np.arange(run.size) - np.repeat(np.cumsum(touching) - touching, touching)
        ours.append(run)
        theirs.append(first[run] + nth)
    a, b = np.concatenate(ours), np.concatenate(theirs)
    graph = coo_array((np.ones(a.size, np.int8), (a, b)), shape=(starts.size, starts.size))
    return int(connected_components(graph, directed=False, return_labels=False))
