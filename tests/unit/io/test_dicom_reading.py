"""Classic DICOM series: values, order, geometry, frames, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.domain.volume import Modality
from atsm_viewer.io.catalogue import SeriesEntry, scan_paths
from atsm_viewer.io.read_series import LoadedImage, read_series

PET_CLASS, CT_CLASS = "1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.1.2"


def entries(folder: Path) -> list[SeriesEntry]:
    return [entry for entry in scan_paths([folder]).series if entry.suitable]


def load(folder: Path) -> LoadedImage:
    found = entries(folder)
    assert len(found) == 1
    return read_series(found[0])


def codes(image: LoadedImage) -> set[str]:
    return {notice.code for notice in image.notices}


def test_slices_are_sorted_by_position_and_not_by_name_or_number(pet_writer: Any) -> None:
    stored = pet_writer.stack(5)
    image = load(pet_writer.folder)
    assert np.array_equal(image.volume.values_tkji[0], np.array(stored, dtype=np.float32))
    assert image.volume.geometry.origin_lps == (-10.0, -20.0, 30.0)
    assert image.volume.geometry.spacing_kji_mm == pytest.approx((4.0, 3.0, 2.0))
    assert image.volume.modality is Modality.PET
    assert image.volume.unit == "BQML"
    assert not image.notices


def test_every_slice_uses_its_own_slope_in_double_precision(pet_writer: Any) -> None:
    stored = [pet_writer.pixels(k) for k in range(3)]
    slopes = ["1", "0.333333333333", "7.25e-8"]  # integral first: the trap of series readers
    for k in range(3):
        pet_writer.write((0, 0, 4.0 * k), stored[k], slope=slopes[k])
    values = load(pet_writer.folder).volume.values_tkji[0]
    assert values.dtype == np.float32
    for k in range(3):
        wanted = (stored[k].astype(np.float64) * float(slopes[k])).astype(np.float32)
        assert np.array_equal(values[k], wanted)


def test_an_intercept_of_a_pet_is_applied_and_reported(pet_writer: Any) -> None:
    stored = pet_writer.stack(3, slope="0.5", intercept="-3.5")
    image = load(pet_writer.folder)
    wanted = np.array(stored) * 0.5 - 3.5
    assert np.array_equal(image.volume.values_tkji[0], wanted.astype(np.float32))
    assert "pet_intercept" in codes(image)


def test_signed_values_stay_negative(pet_writer: Any) -> None:
    stored = np.arange(-17, 18, dtype="<i2").reshape(5, 7)
    for k in range(2):
        pet_writer.write((0, 0, 4.0 * k), stored, slope="2.0")
    assert load(pet_writer.folder).volume.values_tkji.min() == -34.0


def test_padding_of_a_pet_becomes_not_a_number(pet_writer: Any) -> None:
    stored = np.full((5, 7), 9, dtype="<i2")
    stored[0, 0], stored[1, 1] = -2000, -1999
    for k in range(2):
        pet_writer.write((0, 0, 4.0 * k), stored, slope="2.0", PixelPaddingValue=-2000)
    values = load(pet_writer.folder).volume.values_tkji[0]
    assert np.isnan(values[:, 0, 0]).all()
    assert np.count_nonzero(np.isnan(values)) == 2
    assert values[0, 1, 1] == -3998.0


def test_bits_above_bits_stored_are_ignored(ct_writer: Any) -> None:
    stored = np.array([[0xF001, 0x0FFF], [0x1234, 0x0000]], dtype="<u2")
    for k in range(2):
        ct_writer.write((0, 0, 1.0 * k), stored, intercept="-1024", BitsStored=12, HighBit=11)
    values = load(ct_writer.folder).volume.values_tkji[0, 0]
    assert values.tolist() == [[1 - 1024, 4095 - 1024], [0x234 - 1024, -1024]]


def test_ct_is_kept_as_int16_and_falls_back_to_float_when_it_does_not_fit(
    tmp_path: Path, ct_writer: Any
) -> None:
    for k in range(2):
        ct_writer.write((0, 0, 1.0 * k), np.array([[0, 3000]], dtype="<u2"), intercept="-1024")
    assert load(ct_writer.folder).volume.values_tkji.dtype == np.int16
    for k in range(2, 4):
        ct_writer.write((0, 0, 1.0 * k), np.array([[0, 60000]], dtype="<u2"), intercept="-1024")
    large = load(ct_writer.folder).volume.values_tkji
    assert large.dtype == np.float32
    assert large[0, 3].tolist() == [[-1024.0, 58976.0]]


def test_ct_with_a_fractional_slope_is_float(ct_writer: Any) -> None:
    stored = ct_writer.stack(2, slope="0.5", intercept="-1000")
    values = load(ct_writer.folder).volume.values_tkji[0]
    assert np.array_equal(values, (np.array(stored) * 0.5 - 1000).astype(np.float32))


@pytest.mark.parametrize(
    ("orientation", "normal"),
    [
        ([1, 0, 0, 0, 1, 0], [0, 0, 1]),
        ([-1, 0, 0, 0, 1, 0], [0, 0, -1]),
        ([1, 0, 0, 0, -1, 0], [0, 0, -1]),
        ([0, 1, 0, 0, 0, -1], [-1, 0, 0]),
        ([0.8, 0.6, 0, 0, 0, -1], [-0.6, 0.8, 0]),
    ],
)
def test_any_orientation_puts_every_pixel_where_the_header_says(
    pet_writer: Any, orientation: list[float], normal: list[float]
) -> None:
    row, column, n = np.array(orientation[:3]), np.array(orientation[3:]), np.array(normal, dtype=float)
    start = np.array([5.0, -7.0, 11.0])
    stored = [pet_writer.pixels(k) for k in range(3)]
    for k in range(3):
        pet_writer.write(tuple(start + 2.5 * k * n), stored[k], ImageOrientationPatient=orientation)
    image = load(pet_writer.folder)
    for k, j, i in [(0, 0, 0), (2, 4, 6), (1, 3, 2)]:
        # PS3.3 C.7.6.2.1.1: row direction times column spacing, column direction times row spacing
        position = start + 2.5 * k * n + row * 2.0 * i + column * 3.0 * j
        assert image.volume.value_at(position) == float(stored[k][j, i])


def test_a_jittering_step_is_accepted_with_a_notice_and_the_mean_step(pet_writer: Any) -> None:
    for k, z in enumerate([0.0, 3.27, 6.46, 9.81, 13.08]):
        pet_writer.write((0, 0, z), pet_writer.pixels(k))
    image = load(pet_writer.folder)
    assert codes(image) == {"slice_jitter"}
    assert image.volume.geometry.spacing_kji_mm[0] == pytest.approx(3.27)


@pytest.mark.parametrize("modality", ["pet_writer", "ct_writer"])
def test_a_missing_slice_is_refused_with_its_place(request: Any, modality: str) -> None:
    writer = request.getfixturevalue(modality)
    for z in (0.0, 4.0, 8.0, 16.0, 20.0):
        writer.write((0, 0, z))
    with pytest.raises(AtsmError, match=r"missing: between z = 8\.00 mm and z = 16\.00 mm"):
        load(writer.folder)


def test_changing_spacing_is_refused(pet_writer: Any) -> None:
    for z in (0.0, 4.0, 8.0, 12.0, 17.0, 22.0):
        pet_writer.write((0, 0, z))
    with pytest.raises(AtsmError, match="unevenly spaced"):
        load(pet_writer.folder)


def test_the_jitter_limit_shrinks_with_the_voxels_of_small_animals(pet_writer: Any) -> None:
    for z in (0.0, 0.2, 0.4, 0.68, 0.88):  # 0.08 mm would be normal at 3.27 mm, not at 0.2 mm
        pet_writer.write((0, 0, z))
    with pytest.raises(AtsmError):
        load(pet_writer.folder)


def test_slices_shifted_within_their_plane_are_refused(pet_writer: Any) -> None:
    for k in range(5):
        pet_writer.write((1.5 if k == 2 else 0.0, 0, 4.0 * k))
    with pytest.raises(AtsmError, match="shifted"):
        load(pet_writer.folder)


def test_a_tilted_gantry_keeps_a_sheared_grid_with_a_notice(ct_writer: Any) -> None:
    angle = np.radians(15)
    orientation = [1, 0, 0, 0, float(np.cos(angle)), float(-np.sin(angle))]
    stored = [ct_writer.pixels(k) for k in range(4)]
    for k in range(4):
        ct_writer.write((0, 0, 5.0 * k), stored[k], ImageOrientationPatient=orientation)
    image = load(ct_writer.folder)
    geometry = image.volume.geometry
    assert codes(image) == {"tilted_stack"}
    assert not geometry.is_orthogonal
    assert geometry.voxel_volume_mm3 == pytest.approx(2.0 * 3.0 * 5.0 * np.cos(angle))
    assert geometry.index_to_lps([2, 0, 0]) == pytest.approx([0, 0, 10.0])


def test_a_copied_file_is_dropped_with_a_notice(pet_writer: Any) -> None:
    pet_writer.stack(4)
    original = sorted(pet_writer.folder.iterdir())[0]
    (pet_writer.folder / "copy of it.dcm").write_bytes(original.read_bytes())
    image = load(pet_writer.folder)
    assert image.volume.values_tkji.shape[:2] == (1, 4)
    assert codes(image) == {"duplicate_files"}


def test_a_renamed_copy_with_a_new_uid_is_dropped_with_a_notice(pet_writer: Any) -> None:
    stored = [pet_writer.pixels(k) for k in range(3)]
    for k in (0, 1, 2, 1):
        pet_writer.write((0, 0, 4.0 * k), stored[k])
    image = load(pet_writer.folder)
    assert image.volume.values_tkji.shape[:2] == (1, 3)
    assert codes(image) == {"duplicate_slices"}


def test_two_different_images_at_one_place_and_time_are_refused(pet_writer: Any) -> None:
    for k in (0, 1, 2, 1):
        pet_writer.write((0, 0, 4.0 * k))
    with pytest.raises(AtsmError, match="same position and time"):
        load(pet_writer.folder)


def test_a_dynamic_series_becomes_frames_in_order_of_time(pet_writer: Any) -> None:
    stored: dict[tuple[int, int], np.ndarray] = {}
    starts, lengths = ["101500", "101530", "101630"], [30000, 60000, 120000]
    for t in (2, 0, 1):
        for k in (1, 0):
            stored[t, k] = pet_writer.pixels(10 * t + k)
            pet_writer.write(
                (0, 0, 4.0 * k),
                stored[t, k],
                slope=str(1 + t),
                AcquisitionTime=starts[t],
                FrameReferenceTime=str(15000 * (t + 1)),
                ActualFrameDuration=str(lengths[t]),
            )
    image = load(pet_writer.folder)
    volume = image.volume
    assert volume.values_tkji.shape == (3, 2, 5, 7)
    for (t, k), pixels in stored.items():
        assert np.array_equal(volume.values_tkji[t, k], pixels.astype(np.float32) * (1 + t))
    assert [frame.start_s for frame in volume.frames] == [0.0, 30.0, 90.0]
    assert [frame.duration_s for frame in volume.frames] == [30.0, 60.0, 120.0]
    assert image.facts is not None
    first_of_last = image.facts.distinct[image.facts.index[image.instance_tk[2][0]]]
    assert first_of_last.acquisition_time == "101630"


def test_an_incomplete_frame_is_refused(pet_writer: Any) -> None:
    for t, z in [(0, 0.0), (0, 4.0), (1, 0.0)]:
        pet_writer.write((0, 0, z), AcquisitionTime=f"1015{t}0")
    with pytest.raises(AtsmError, match="incomplete"):
        load(pet_writer.folder)


def test_beds_with_several_times_are_one_static_image(pet_writer: Any) -> None:
    for k in range(6):
        pet_writer.write(
            (0, 0, 4.0 * k),
            AcquisitionTime=f"10{15 + 3 * (k // 2)}00",
            FrameReferenceTime=str(90000 + 180000 * (k // 2)),
        )
    image = load(pet_writer.folder)
    assert image.volume.n_frames == 1
    assert image.facts is not None
    assert len(image.facts.distinct) == 3


def test_a_contradicting_image_index_is_reported(pet_writer: Any) -> None:
    for t in range(2):
        for k in range(2):
            pet_writer.write(
                (0, 0, 4.0 * k), AcquisitionTime=f"1015{t}0", NumberOfSlices=2, ImageIndex=2 * (1 - t) + k + 1
            )
    assert "frame_order" in codes(load(pet_writer.folder))


def test_projections_in_the_same_series_are_set_aside(pet_writer: Any) -> None:
    pet_writer.stack(4)
    for degrees in (0, 30, 60):
        c, s = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
        pet_writer.write(
            (0, 0, 0), ImageOrientationPatient=[c, s, 0, 0, 0, -1], ImageType=["DERIVED", "SECONDARY", "MIP"]
        )
    catalogue = scan_paths([pet_writer.folder])
    assert [entry.n_files for entry in catalogue.series if entry.suitable] == [4]
    assert [entry.reason for entry in catalogue.series if not entry.suitable] == [
        "maximum intensity projection: not slices"
    ]


def test_an_unlabelled_turning_projection_is_set_aside(pet_writer: Any) -> None:
    for degrees in range(0, 90, 10):
        c, s = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
        pet_writer.write((0, 0, 0), ImageOrientationPatient=[c, s, 0, 0, 0, -1])
    (entry,) = scan_paths([pet_writer.folder]).series
    assert not entry.suitable
    assert "turns" in entry.reason


def test_a_colour_picture_is_not_an_image(pet_writer: Any) -> None:
    def colour(ds: Dataset) -> None:
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
        ds.BitsAllocated = ds.BitsStored = 8
        ds.HighBit, ds.PixelData = 7, bytes(5 * 7 * 3 + 1)

    pet_writer.write((0, 0, 0), edit=colour)
    (entry,) = scan_paths([pet_writer.folder]).series
    assert not entry.suitable
    with pytest.raises(AtsmError, match="colour"):
        read_series(entry)


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_every_plain_encoding_gives_the_same_values(pet_writer: Any, syntax: str) -> None:
    stored = [pet_writer.pixels(k) for k in range(3)]
    for k in range(3):
        pixels = stored[k].astype(">u2") if syntax == ExplicitVRBigEndian else stored[k]
        pet_writer.write((0, 0, 4.0 * k), pixels, slope="0.25", syntax=syntax)
    image = load(pet_writer.folder)
    assert np.array_equal(image.volume.values_tkji[0], np.array(stored, dtype=np.float32) * 0.25)
    assert image.facts is not None
    assert image.facts.distinct[0].radiopharmaceuticals[0].total_dose == 4.0e8


def test_run_length_encoding_is_decoded(pet_writer: Any) -> None:
    stored = [pet_writer.pixels(k) for k in range(2)]
    for k in range(2):
        pet_writer.write((0, 0, 4.0 * k), stored[k], edit=lambda ds: ds.compress(RLELossless))
    assert np.array_equal(load(pet_writer.folder).volume.values_tkji[0], np.array(stored, dtype=np.float32))


def test_a_missing_codec_is_named(pet_writer: Any) -> None:
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import HTJ2KLossless

    if get_decoder(HTJ2KLossless).is_available:
        pytest.skip("a decoder for HTJ2K is installed here")

    def compress(ds: Dataset) -> None:
        ds.file_meta.TransferSyntaxUID = HTJ2KLossless
        ds.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(60)])
        ds["PixelData"].is_undefined_length = True

    for k in range(2):
        pet_writer.write((0, 0, 4.0 * k), edit=compress)
    with pytest.raises(AtsmError, match="High-Throughput"):
        load(pet_writer.folder)


def test_a_file_without_preamble_is_read(pet_writer: Any) -> None:
    stored = pet_writer.stack(3)
    for path in pet_writer.folder.iterdir():
        whole = path.read_bytes()
        length = int.from_bytes(whole[140:144], "little")  # group length of the file meta information
        path.write_bytes(whole[144 + length :])  # the bare data set, explicit little-endian
    image = load(pet_writer.folder)
    assert np.array_equal(image.volume.values_tkji[0], np.array(stored, dtype=np.float32))


def test_floating_point_pixels_are_read(pet_writer: Any) -> None:
    values = np.linspace(-1, 1, 35, dtype="<f4").reshape(5, 7)

    def as_float(ds: Dataset) -> None:
        del ds.PixelData
        ds.BitsAllocated = 32
        ds.FloatPixelData = values.tobytes()

    for k in range(2):
        pet_writer.write((0, 0, 4.0 * k), slope="2.0", edit=as_float)
    assert np.array_equal(load(pet_writer.folder).volume.values_tkji[0, 1], values * 2)


def test_a_real_world_mapping_replaces_slope_and_units(pet_writer: Any) -> None:
    def mapped(ds: Dataset) -> None:
        unit, item = Dataset(), Dataset()
        unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "{SUVbw}g/ml", "UCUM", "SUVbw"
        item.MeasurementUnitsCodeSequence = DicomSequence([unit])
        item.RealWorldValueSlope, item.RealWorldValueIntercept = 0.001, 0.0
        item.add_new(0x00409216, "US", 0)
        item.add_new(0x00409211, "US", 2500)
        ds.RealWorldValueMappingSequence = DicomSequence([item])

    stored = pet_writer.stack(2, slope="5.0", edit=mapped)
    image = load(pet_writer.folder)
    raw = np.array(stored, dtype=np.float64)
    wanted = np.where(raw > 2500, np.nan, raw * 0.001).astype(np.float32)
    assert np.array_equal(image.volume.values_tkji[0], wanted, equal_nan=True)
    assert image.volume.unit == "GML"
    assert image.facts is not None
    assert (image.facts.distinct[0].units, image.facts.distinct[0].suv_type) == ("GML", "BW")
    assert "real_world_mapping" in codes(image)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"slope": "0.0"}, "slope"),
        ({"PixelSpacing": ["0.0", "2.0"]}, "spacing"),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, "orientation"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "orientation"),
        ({"ImagePositionPatient": ["1", "2"]}, "Position"),
    ],
)
def test_unusable_headers_are_refused_in_words(
    pet_writer: Any, attributes: dict[str, Any], words: str
) -> None:
    for k in range(3):
        pet_writer.write((0, 0, 4.0 * k), **attributes)
    with pytest.raises(AtsmError, match=words):
        load(pet_writer.folder)


def test_a_single_slice_takes_its_thickness_with_a_notice(pet_writer: Any) -> None:
    pet_writer.write((0, 0, 0))
    image = load(pet_writer.folder)
    assert image.volume.geometry.spacing_kji_mm[0] == 9.0
    assert "single_slice" in codes(image)


def test_a_single_slice_without_thickness_is_refused(pet_writer: Any) -> None:
    pet_writer.write((0, 0, 0), SliceThickness=None)
    with pytest.raises(AtsmError, match="single slice"):
        load(pet_writer.folder)


def test_a_file_truncated_after_the_scan_is_named(pet_writer: Any) -> None:
    pet_writer.stack(4)
    (entry,) = entries(pet_writer.folder)
    victim = sorted(pet_writer.folder.iterdir())[1]
    victim.write_bytes(victim.read_bytes()[:-20])
    with pytest.raises(AtsmError, match=victim.name):
        read_series(entry)


def test_reading_can_be_cancelled(pet_writer: Any) -> None:
    pet_writer.stack(4)
    (entry,) = entries(pet_writer.folder)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(OperationCancelled):
        read_series(entry, cancelled=cancelled)


def test_progress_ends_at_one(pet_writer: Any) -> None:
    pet_writer.stack(4)
    (entry,) = entries(pet_writer.folder)
    seen: list[float] = []
    read_series(entry, progress=lambda fraction, _words: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_vendor_elements_are_found_by_creator_in_any_block(pet_writer: Any) -> None:
    def siemens(ds: Dataset) -> None:
        block = ds.private_block(0x0071, "SIEMENS MED PT", create=True)
        block.add_new(0x22, "DT", "20250102101400.000000")

    def ge(ds: Dataset) -> None:
        ds.add_new(0x00090010, "LO", "SOMEBODY ELSE")
        ds.add_new(0x00090011, "LO", "GEMS_PETD_01")
        ds.add_new(0x0009110D, "DT", "20250102101300.00")
        ds.add_new(0x0009113B, "DT", "20250102091600.00")
        ds.add_new(0x00091138, "FL", 410.5)

    def philips(ds: Dataset) -> None:
        ds.add_new(0x70530010, "LO", "Philips PET Private Group")
        ds.add_new(0x70531000, "DS", "0.000551")
        ds.add_new(0x70531009, "DS", "1.25 ")

    for k, edit in enumerate((siemens, ge, philips)):
        pet_writer.write((0, 0, 4.0 * k), edit=edit)
    image = load(pet_writer.folder)
    assert image.facts is not None
    first, second, third = (image.facts.distinct[n] for n in image.facts.index)
    assert first.siemens_decay_correction_datetime == "20250102101400.000000"
    assert second.ge_scan_datetime == "20250102101300.00"
    assert second.ge_admin_datetime == "20250102091600.00"
    assert second.ge_tracer_activity == pytest.approx(410.5)
    assert (third.philips_suv_scale_factor, third.philips_activity_scale_factor) == (0.000551, 1.25)
    assert first.ge_scan_datetime is None


def test_facts_say_what_the_header_says(pet_writer: Any) -> None:
    pet_writer.stack(3)
    image = load(pet_writer.folder)
    assert image.facts is not None
    (facts,) = image.facts.distinct
    assert facts.units == "BQML"
    assert facts.corrected_image == ("DECY", "ATTN")
    assert facts.patient_weight_kg == 70.0
    (drug,) = facts.radiopharmaceuticals
    assert (drug.total_dose, drug.half_life_s, drug.nuclide_code) == (4.0e8, 45721.4, "3932008")
    assert drug.start_datetime == "20250102091500"
    assert image.instance_tk == ((0, 1, 2),)


def test_the_source_names_the_series_but_other_images_of_the_study_differ(pet_writer: Any) -> None:
    pet_writer.stack(3)
    source = load(pet_writer.folder).source
    assert source.series_uid == pet_writer.series_uid
    assert source.n_instances == 3
    assert source.study_date == "2025-01-02"
    assert [path.suffix for path in source.paths] == [".dcm"] * 3
    assert len(source.sop_digest) == 64
    assert source.series_uid != generate_uid()


@pytest.mark.parametrize(("slope", "intercept"), [("1", "0"), ("1", "-1024"), ("0.0317", "0")])
def test_jpeg_ls_without_an_installed_decoder_is_read_all_the_same(
    tmp_path: Path, slope: str, intercept: str
) -> None:
    import pydicom

    bundled = Path(pydicom.__file__).parent / "data" / "test_files"
    truth = pydicom.dcmread(bundled / "MR_small.dcm").pixel_array
    is_pet = slope != "1"
    for k in range(2):
        ds = pydicom.dcmread(bundled / "MR_small_jpeg_ls_lossless.dcm")
        ds.Modality, ds.SOPClassUID = ("PT", PET_CLASS) if is_pet else ("CT", CT_CLASS)
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.ImagePositionPatient = [0, 0, 4.0 * k]
        ds.RescaleSlope, ds.RescaleIntercept, ds.Units = slope, intercept, "BQML"
        ds.save_as(tmp_path / f"{k}.dcm")
    wanted = truth * float(slope) + float(intercept)
    values = load(tmp_path).volume.values_tkji[0, 1]
    assert np.array_equal(values, wanted.astype(np.float32) if is_pet else wanted)


@pytest.mark.parametrize("modality", ["pet_writer", "ct_writer"])
def test_a_missing_slope_and_lossy_compression_are_reported(request: Any, modality: str) -> None:
    writer = request.getfixturevalue(modality)
    writer.stack(2, slope=None, LossyImageCompression="01")
    assert codes(load(writer.folder)) == {"no_slope", "lossy"}


def test_a_japanese_description_is_readable(pet_writer: Any) -> None:
    pet_writer.stack(2, SpecificCharacterSet=["", "ISO 2022 IR 87"], SeriesDescription="銅の検査")
    assert load(pet_writer.folder).source.description == "銅の検査"


def test_random_damage_to_a_series_is_refused_in_words_or_read_but_never_crashes(pet_writer: Any) -> None:
    pet_writer.stack(3)
    files = sorted(pet_writer.folder.iterdir())
    whole = [path.read_bytes() for path in files]
    rng = np.random.default_rng(11)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(150):
        for path, content in zip(files, whole, strict=True):
            damaged = bytearray(content)
            for at in rng.integers(132, len(damaged) - 70, int(rng.integers(0, 3))):
                damaged[at] = int(rng.integers(256))
            path.write_bytes(bytes(damaged))
        try:
            for entry in entries(pet_writer.folder):
                read_series(entry)
            outcomes["read"] += 1
        except AtsmError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 0


def test_directions_that_jitter_by_rounding_are_one_stack(pet_writer: Any) -> None:
    for k in range(4):
        tiny = (-1) ** k * 2e-6
        pet_writer.write((0, 0, 4.0 * k), ImageOrientationPatient=[1.0, tiny, 0.0, -tiny, 1.0, 0.0])
    image = load(pet_writer.folder)
    assert image.volume.values_tkji.shape[1] == 4
    assert image.volume.geometry.is_orthogonal


def test_two_stacks_in_one_series_are_split_and_the_smaller_one_is_set_aside(pet_writer: Any) -> None:
    pet_writer.stack(5)
    for k in range(3):
        pet_writer.write((4.0 * k, 0, 0), ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    catalogue = scan_paths([pet_writer.folder])
    assert [(entry.n_files, entry.suitable) for entry in catalogue.series] == [(5, True), (3, False)]
    assert "another orientation" in catalogue.series[1].reason
    assert len({entry.id for entry in catalogue.series}) == 2


def test_frames_without_acquisition_times_follow_the_frame_reference_time(pet_writer: Any) -> None:
    stored = {}
    for t in (1, 0):
        for k in range(2):
            stored[t, k] = pet_writer.pixels(10 * t + k)
            pet_writer.write((0, 0, 4.0 * k), stored[t, k], FrameReferenceTime=str(30000.0 + 60000 * t))
    image = load(pet_writer.folder)
    assert np.array_equal(image.volume.values_tkji[1, 0], stored[1, 0].astype(np.float32))
    assert [frame.start_s for frame in image.volume.frames] == [0.0, 60.0]
    assert "frame_times" in codes(image)


def test_gates_are_frames_in_order_of_trigger_time(pet_writer: Any) -> None:
    stored = {}
    for gate in (2, 0, 1):
        for k in range(2):
            stored[gate, k] = pet_writer.pixels(10 * gate + k)
            pet_writer.write((0, 0, 4.0 * k), stored[gate, k], TriggerTime=str(200.0 * gate))
    image = load(pet_writer.folder)
    assert image.volume.n_frames == 3
    for (gate, k), pixels in stored.items():
        assert np.array_equal(image.volume.values_tkji[gate, k], pixels.astype(np.float32))
    assert "frame_times" in codes(image)


def test_a_dynamic_series_of_several_beds_keeps_whole_frames(pet_writer: Any) -> None:
    stored = {}
    for t in range(2):
        for k in range(4):
            stored[t, k] = pet_writer.pixels(10 * t + k)
            minute = 15 + 4 * t + 2 * (k // 2)  # two beds per pass
            pet_writer.write((0, 0, 4.0 * k), stored[t, k], AcquisitionTime=f"10{minute}00")
    image = load(pet_writer.folder)
    for (t, k), pixels in stored.items():
        assert np.array_equal(image.volume.values_tkji[t, k], pixels.astype(np.float32))
    assert [frame.start_s for frame in image.volume.frames] == [0.0, 240.0]
