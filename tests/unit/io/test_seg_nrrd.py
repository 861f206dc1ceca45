"""A single-segment file says what it holds in the words of other programs."""

from __future__ import annotations

import gzip
from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Role
from atsm_viewer.io.seg_nrrd import decode_seg_nrrd, encode_seg_nrrd

# Rows of a rotation by 30 degrees about S, so that the steps are orthogonal but oblique.
C, S = np.cos(np.pi / 6), np.sin(np.pi / 6)
GRID = Geometry.from_affine(
    (12, 11, 10), (-3.5, 20.0, 7.25), [[0, 0, 3.0], [-2.0 * S, 2.0 * C, 0], [1.5 * C, 1.5 * S, 0]], "1.2"
)


def _mask() -> Mask:
    block = np.random.default_rng(5).random((4, 3, 5)) < 0.5
    return Mask.from_block(Box((6, 2, 1), (10, 5, 6)), block)


def _encode(name: str = "Tumour 1", role: Role = Role.TUMOUR, colour: str = "#FF8000") -> bytes:
    return encode_seg_nrrd(_mask(), GRID, segment_id="roi-1", name=name, colour=colour, role=role)


def test_what_was_written_is_read_back() -> None:
    found = decode_seg_nrrd(_encode(), max_voxels=1000)
    assert found.mask().same_voxels(_mask())
    assert found.offset_kji == _mask().box.lo_kji
    assert np.allclose(found.geometry.origin_lps, GRID.index_to_lps(_mask().box.lo_kji), atol=0)


def test_equal_input_gives_equal_bytes() -> None:
    assert _encode() == _encode()


def test_simpleitk_finds_the_voxels_at_their_positions(tmp_path: Path) -> None:
    path = tmp_path / "a.seg.nrrd"
    path.write_bytes(_encode())
    image = sitk.ReadImage(str(path))
    found = sorted(
        image.TransformIndexToPhysicalPoint([int(v) for v in kji[::-1]])
        for kji in np.argwhere(sitk.GetArrayFromImage(image))
    )
    wanted = sorted(tuple(p) for p in GRID.index_to_lps(np.argwhere(_mask().block_in(GRID.box))))
    assert np.allclose(found, wanted, atol=1e-6)


def test_pynrrd_reads_the_segmentation_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.seg.nrrd"
    path.write_bytes(_encode())
    array, header = nrrd.read(str(path), index_order="C")
    assert np.array_equal(array, _mask().block_kji)
    assert header["Segment0_LabelValue"] == "1"
    lo_k, lo_j, lo_i = _mask().box.lo_kji
    assert header["Segmentation_ReferenceImageExtentOffset"] == f"{lo_i} {lo_j} {lo_k}"
    assert [float(v) for v in header["Segment0_Color"].split()] == pytest.approx([1.0, 128 / 255, 0.0])
    assert "SCT^108369006^Neoplasm" in header["Segment0_Tags"]


@pytest.mark.parametrize("name", ["a\nsizes: 9 9 9", "a\r\n\r\nb", "a\u2028b", "a\0b", "\n", "a\ud800"])
def test_a_name_cannot_add_header_lines(name: str) -> None:
    data = _encode(name)
    header = data.split(b"\n\n", 1)[0].decode()
    assert len(header.split("\n")) == len(_encode().split(b"\n\n", 1)[0].decode().split("\n"))
    assert decode_seg_nrrd(data, max_voxels=1000).mask().same_voxels(_mask())


def test_a_mask_without_voxels_is_refused() -> None:
    with pytest.raises(AtsmError, match="without voxels"):
        encode_seg_nrrd(Mask.empty(), GRID, segment_id="a", name="a", colour="#000000", role=Role.OTHER)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"NRRD0004", b"NRRX0004"),
        (b"dimension: 3", b"dimension: 4"),
        (b"left-posterior-superior", b"right-anterior-superior"),
        (b"encoding: gzip", b"encoding: raw"),
        (b"type: unsigned char", b"type: short"),
        (b"sizes: ", b"sizes: 1"),
        (b"sizes: ", b"sizes: -"),
        (b"space origin: (", b"space origin: (x"),
        (b"space directions: (", b"space directions: none ["),
        (b"\n\n", b"\n"),
    ],
)
def test_a_file_that_says_something_else_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(AtsmError):
        decode_seg_nrrd(_encode().replace(old, new, 1), max_voxels=1000)


def test_voxels_that_do_not_match_the_declared_number_are_refused() -> None:
    header = _encode().split(b"\n\n", 1)[0] + b"\n\n"
    for voxels in (b"", b"\1" * 10, b"\1" * 1000, bytes(100_000_000)):
        with pytest.raises(AtsmError, match="as many voxels"):
            decode_seg_nrrd(header + gzip.compress(voxels), max_voxels=1000)
    with pytest.raises(AtsmError, match="damaged"):
        decode_seg_nrrd(header + b"no gzip", max_voxels=1000)


def test_more_voxels_than_allowed_are_refused_before_inflating() -> None:
    with pytest.raises(AtsmError, match="declares"):
        decode_seg_nrrd(_encode(), max_voxels=10)
