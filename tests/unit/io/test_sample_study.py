"""The sample studies as files: what another reader finds in them, and what is never overwritten."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import numpy.typing as npt
import pydicom
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.sample import SampleStudy, make_sample
from atsm_viewer.io.sample.make import MARKER, make_from
from atsm_viewer.io.sample.mouse import BLADDER, TUMOUR, TUMOUR_CORE, mouse_scenario
from atsm_viewer.io.sample.patient import patient_scenario

HALF_LIFE_S = 45722.16


@dataclass(frozen=True)
class PetAsRead:
    """The PET series read with pydicom and NumPy only."""

    headers: list[pydicom.Dataset]
    suv: npt.NDArray[np.float64]


@pytest.fixture(scope="session")
def mouse(tmp_path_factory: pytest.TempPathFactory) -> SampleStudy:
    return make_sample("mouse", tmp_path_factory.mktemp("sample") / "mouse")


@pytest.fixture(scope="session")
def coarse_patient(tmp_path_factory: pytest.TempPathFactory) -> SampleStudy:
    return make_from(patient_scenario().coarser(2), tmp_path_factory.mktemp("sample") / "patient")


def read_pet(study: SampleStudy) -> PetAsRead:
    headers = [pydicom.dcmread(p) for p in study.pet_dir.iterdir()]
    headers.sort(key=lambda ds: float(ds.ImagePositionPatient[2]))
    first = headers[0]
    rp = first.RadiopharmaceuticalInformationSequence[0]
    injected = datetime.strptime(rp.RadiopharmaceuticalStartDateTime, "%Y%m%d%H%M%S.%f")
    reference = datetime.strptime(first.SeriesDate + first.SeriesTime, "%Y%m%d%H%M%S.%f")
    decayed = float(rp.RadionuclideTotalDose) * 2 ** (
        -(reference - injected).total_seconds() / float(rp.RadionuclideHalfLife)
    )
    factor = 1000 * float(first.PatientWeight) / decayed
    planes = [ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in headers]
    return PetAsRead(headers, np.stack(planes).astype(np.float64) * factor)


@pytest.fixture(scope="session")
def mouse_pet(mouse: SampleStudy) -> PetAsRead:
    return read_pet(mouse)


@pytest.fixture(scope="session")
def truth(mouse: SampleStudy) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(mouse.truth_path.read_text(encoding="utf-8"))
    return document


def label_of(study: SampleStudy, name: str) -> int:
    (label,) = [r.label for r in study.regions if r.name == name]
    return label


def interior(mask: npt.NDArray[np.bool_], steps: int) -> npt.NDArray[np.bool_]:
    """Voxels whose neighbours up to ``steps`` away along the axes are inside, repeatedly."""
    for _ in range(steps):
        kept = mask.copy()
        for axis in range(3):
            kept &= np.roll(mask, 1, axis) & np.roll(mask, -1, axis)
        mask = kept
    return mask


def hashes(root: Path) -> dict[str, str]:
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def test_the_liver_read_back_with_another_reader_has_its_true_suv(
    mouse: SampleStudy, mouse_pet: PetAsRead
) -> None:
    region = mouse.regions[label_of(mouse, "liver") - 1]
    inside = interior(mouse.labels_kji == region.label, 3)
    values = mouse_pet.suv[inside]
    assert values.size > 200
    assert values.mean() == pytest.approx(region.true_suv, rel=0.01)
    # One voxel: 0.06 * sqrt(5) = 0.13 of noise.
    assert 0.08 < values.std() < 0.2


def test_air_far_from_the_mouse_holds_next_to_nothing(mouse_pet: PetAsRead) -> None:
    assert mouse_pet.suv[:, :10, :10].mean() < 0.005
    assert mouse_pet.suv.min() >= 0.0


def test_the_activity_in_the_field_of_view_balances_the_injected_activity(
    mouse: SampleStudy, mouse_pet: PetAsRead, truth: dict[str, Any]
) -> None:
    voxel_ml = math.prod(mouse.pet.spacing_kji_mm) / 1000
    balance = float(mouse_pet.suv.sum()) * voxel_ml / 22.3
    assert 0.6 <= balance <= 1.1
    assert truth["activity_balance"] == pytest.approx(balance, rel=1e-9)


def test_the_patient_holds_a_plausible_share_of_the_activity(coarse_patient: SampleStudy) -> None:
    voxel_ml = math.prod(coarse_patient.pet.spacing_kji_mm) / 1000
    assert 0.3 <= read_pet(coarse_patient).suv.sum() * voxel_ml / 70000 <= 1.0


def test_pet_slices_lie_where_the_geometry_says(mouse: SampleStudy, mouse_pet: PetAsRead) -> None:
    assert (len(mouse_pet.headers), *mouse_pet.headers[0].pixel_array.shape) == mouse.pet.shape_kji
    for k, ds in enumerate(mouse_pet.headers):
        np.testing.assert_allclose(
            [float(v) for v in ds.ImagePositionPatient], mouse.pet.index_to_lps((k, 0, 0)), atol=1e-6
        )
    assert [float(v) for v in mouse_pet.headers[0].PixelSpacing] == list(mouse.pet.spacing_kji_mm[1:])


def test_ct_and_pet_share_study_and_frame_of_reference_but_not_the_grid(
    mouse: SampleStudy, mouse_pet: PetAsRead
) -> None:
    ct = pydicom.dcmread(next(mouse.ct_dir.iterdir()))
    pet = mouse_pet.headers[0]
    assert ct.FrameOfReferenceUID == pet.FrameOfReferenceUID == mouse.pet.frame_of_reference_uid
    assert ct.StudyInstanceUID == pet.StudyInstanceUID
    assert ct.SeriesInstanceUID != pet.SeriesInstanceUID
    assert (ct.Rows, ct.Columns) != (pet.Rows, pet.Columns)


def test_the_header_tells_tracer_units_corrections_and_that_it_is_a_mouse(mouse_pet: PetAsRead) -> None:
    ds = mouse_pet.headers[0]
    rp = ds.RadiopharmaceuticalInformationSequence[0]
    assert ds.SOPClassUID == "1.2.840.10008.5.1.4.1.1.128"
    assert (ds.Units, ds.DecayCorrection) == ("BQML", "START")
    assert set(ds.CorrectedImage) == {"DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"}
    nuclide, tracer = rp.RadionuclideCodeSequence[0], rp.RadiopharmaceuticalCodeSequence[0]
    assert (nuclide.CodeValue, nuclide.CodingSchemeDesignator) == ("3932008", "SCT")
    assert (tracer.CodeValue, tracer.CodingSchemeDesignator) == ("422855001", "SCT")
    assert float(rp.RadionuclideHalfLife) == HALF_LIFE_S
    assert float(ds.PatientWeight) == 0.0223
    assert ds.PatientSpeciesDescription == "Mus musculus"
    assert (ds.Manufacturer, ds.ManufacturerModelName) == ("ATSM Viewer", "Simulated preclinical PET")
    assert "imulated" in ds.SeriesDescription
    assert "imulated" in ds.ImageComments
    assert (ds.PatientName, ds.PatientID) == ("SAMPLE^MOUSE", "SAMPLE-MOUSE")
    assert "InstitutionName" not in ds
    slopes = {float(h.RescaleSlope) for h in mouse_pet.headers}
    assert len(slopes) > 0.9 * len(mouse_pet.headers)


def test_every_time_in_the_header_leads_back_to_the_same_decay_reference(coarse_patient: SampleStudy) -> None:
    headers = read_pet(coarse_patient).headers
    rate = math.log(2) / HALF_LIFE_S
    starts = set()
    for ds in headers:
        series = datetime.strptime(ds.SeriesDate + ds.SeriesTime, "%Y%m%d%H%M%S.%f")
        acquired = datetime.strptime(ds.AcquisitionDate + ds.AcquisitionTime, "%Y%m%d%H%M%S.%f")
        offset = (acquired - series).total_seconds()
        starts.add(offset)
        # Mean of exp(-rate t) over the bed, by a midpoint sum, is what the decay factor undoes.
        t = offset + (np.arange(20000) + 0.5) * float(ds.ActualFrameDuration) / 1000 / 20000
        mean_decay = float(np.exp(-rate * t).mean())
        assert float(ds.DecayFactor) == pytest.approx(1 / mean_decay, rel=1e-8)
        assert math.exp(-rate * float(ds.FrameReferenceTime) / 1000) == pytest.approx(mean_decay, rel=1e-8)
    assert starts == {0.0, 180.0, 360.0, 540.0, 720.0}


def test_regions_have_the_volumes_of_their_shapes(mouse: SampleStudy) -> None:
    by_name = {r.name: r for r in mouse.regions}
    core = by_name["tumour core"].volume_mm3
    whole = core + by_name["tumour rim"].volume_mm3
    assert core == pytest.approx(TUMOUR_CORE.volume_mm3, rel=0.03)
    assert whole == pytest.approx(4 / 3 * math.pi * math.prod(TUMOUR.radii), rel=0.01)
    assert by_name["bladder"].volume_mm3 == pytest.approx(BLADDER.volume_mm3, rel=0.03)
    voxel = math.prod(mouse.pet.spacing_kji_mm)
    for region in mouse.regions:
        assert region.n_voxels == np.count_nonzero(mouse.labels_kji == region.label)
        if region.volume_mm3 > 100:
            assert region.n_voxels * voxel == pytest.approx(region.volume_mm3, rel=0.12)


def test_labels_say_what_lies_at_the_centre_of_each_voxel(mouse: SampleStudy) -> None:
    rim, core = label_of(mouse, "tumour rim"), label_of(mouse, "tumour core")
    origin, (dk, dj, di) = mouse.pet.origin_lps, mouse.pet.spacing_kji_mm
    tumour = np.argwhere((mouse.labels_kji == rim) | (mouse.labels_kji == core))
    lo, hi = tumour.min(axis=0) - 1, tumour.max(axis=0) + 2
    wrong = 0
    for k in range(lo[0], hi[0]):
        for j in range(lo[1], hi[1]):
            for i in range(lo[2], hi[2]):
                point = (origin[0] + i * di, origin[1] + j * dj, origin[2] + k * dk)
                inside = (
                    sum(
                        ((p - c) / r) ** 2 for p, c, r in zip(point, TUMOUR.centre, TUMOUR.radii, strict=True)
                    )
                    <= 1
                )
                wrong += inside != (mouse.labels_kji[k, j, i] in (rim, core))
    assert wrong == 0


def test_true_ratios_are_tumour_over_muscle(mouse: SampleStudy) -> None:
    muscle = {r.true_suv for r in mouse.regions if r.role == "muscle"}
    assert len(muscle) == 1
    for region in mouse.regions:
        if region.role == "tumour":
            assert region.true_tm == pytest.approx(region.true_suv / next(iter(muscle)))
        else:
            assert region.true_tm is None


def test_measured_roi_values_agree_with_a_plain_loop_over_the_dicom_files(
    mouse: SampleStudy, mouse_pet: PetAsRead, truth: dict[str, Any]
) -> None:
    means = {}
    for name in ("tumour", "muscle"):
        image = nibabel.load(mouse.root / "truth" / f"roi_{name}.nii.gz")
        mask = np.asarray(image.dataobj).transpose(2, 1, 0)
        values = [float(mouse_pet.suv[tuple(index)]) for index in np.argwhere(mask)]
        mean = sum(values) / len(values)
        sd = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
        stated = truth["rois"][name]
        assert stated["n_voxels"] == len(values)
        assert stated["measured"]["final"]["suv_mean"] == pytest.approx(mean, rel=1e-9)
        assert stated["measured"]["final"]["suv_sd"] == pytest.approx(sd, rel=1e-9)
        assert stated["measured"]["final"]["suv_max"] == pytest.approx(max(values), rel=1e-9)
        means[name] = mean
    assert truth["tm_mean"]["final"] == pytest.approx(means["tumour"] / means["muscle"], rel=1e-9)


def test_blur_lowers_the_tumour_but_leaves_the_muscle_roi_alone(truth: dict[str, Any]) -> None:
    muscle = truth["rois"]["muscle"]["measured"]
    assert muscle["noise_free"]["suv_mean"] == pytest.approx(muscle["true"]["suv_mean"], rel=0.005)
    assert muscle["final"]["suv_mean"] == pytest.approx(muscle["true"]["suv_mean"], rel=0.04)
    assert truth["rois"]["muscle"]["n_voxels"] >= 30
    assert truth["tm_mean"]["noise_free"] < truth["tm_mean"]["true"]


def test_the_muscle_roi_keeps_one_fwhm_away_from_everything_else(
    mouse: SampleStudy, truth: dict[str, Any]
) -> None:
    mask = np.asarray(nibabel.load(mouse.root / "truth" / "roi_muscle.nii.gz").dataobj).transpose(2, 1, 0)
    muscle = np.isin(mouse.labels_kji, [r.label for r in mouse.regions if r.role == "muscle"])
    spacing = np.array(mouse.pet.spacing_kji_mm)
    reach = np.ceil(truth["psf_fwhm_mm"] / spacing).astype(int)
    for k, j, i in np.argwhere(mask):
        around = np.s_[
            k - reach[0] : k + reach[0] + 1, j - reach[1] : j + reach[1] + 1, i - reach[2] : i + reach[2] + 1
        ]
        others = np.argwhere(~muscle[around]) - reach
        if others.size:
            assert np.sqrt(((others * spacing) ** 2).sum(axis=1)).min() >= truth["psf_fwhm_mm"]


def test_label_maps_sit_on_the_images_in_nifti_space(mouse: SampleStudy) -> None:
    image = nibabel.load(mouse.root / "truth" / "labels_pet.nii.gz")
    dk, dj, di = mouse.pet.spacing_kji_mm
    x, y, z = mouse.pet.origin_lps
    # NIfTI is RAS: left and posterior change sign.
    expected = np.array([[-di, 0, 0, -x], [0, -dj, 0, -y], [0, 0, dk, z], [0, 0, 0, 1]])
    np.testing.assert_allclose(image.affine, expected, atol=1e-4)
    assert image.get_data_dtype() == np.uint8
    ct = nibabel.load(mouse.labels_ct_path)
    assert ct.shape == mouse_scenario().ct.shape_kji[::-1]


def test_ct_numbers_are_those_of_the_tissues(mouse: SampleStudy) -> None:
    slices = sorted(mouse.ct_dir.iterdir())
    headers = [pydicom.dcmread(p) for p in slices]
    hu = np.stack([ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in headers])
    labels = np.asarray(nibabel.load(mouse.labels_ct_path).dataobj).transpose(2, 1, 0)
    tissues = mouse_scenario().anatomy.tissues
    for name in ("liver", "brain", "bladder", "lung"):
        inside = interior(labels == label_of(mouse, name), 3)
        assert hu[inside].mean() == pytest.approx(tissues[label_of(mouse, name) - 1].hu, abs=4.0)
    assert hu[:5, :5].mean() == pytest.approx(-1000, abs=10)


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    first = make_from(mouse_scenario().coarser(2), tmp_path / "one").root
    second = make_from(mouse_scenario().coarser(2), tmp_path / "two").root
    assert len(hashes(first)) > 100
    assert hashes(first) == hashes(second)


def test_a_complete_sample_is_opened_and_not_written_again(mouse: SampleStudy) -> None:
    before = {p: p.stat().st_mtime_ns for p in mouse.root.rglob("*")}
    again = make_sample("mouse", mouse.root)
    assert {p: p.stat().st_mtime_ns for p in mouse.root.rglob("*")} == before
    assert again.regions == mouse.regions
    np.testing.assert_array_equal(again.labels_kji, mouse.labels_kji)
    assert not again.labels_kji.flags.writeable


def test_a_folder_with_foreign_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(AtsmError, match="already holds other files") as caught:
        make_sample("mouse", tmp_path)
    assert str(tmp_path) in caught.value.user_message
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "mouse"
    target.write_text("precious")
    with pytest.raises(AtsmError, match="already holds other files"):
        make_sample("mouse", target)
    assert target.read_text() == "precious"


@pytest.mark.parametrize("text", ["not json", "[]", '{"made_by": "someone else"}'])
def test_a_marker_of_another_program_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MARKER).write_text(text)
    with pytest.raises(AtsmError, match="already holds other files"):
        make_sample("mouse", tmp_path)


def test_another_kind_of_sample_is_refused(mouse: SampleStudy) -> None:
    with pytest.raises(AtsmError, match="another sample"):
        make_sample("patient", mouse.root)


def test_a_damaged_sample_is_refused_and_not_repaired_in_silence(tmp_path: Path) -> None:
    scenario = patient_scenario().coarser(4)
    root = make_from(scenario, tmp_path / "patient").root
    lost = sorted((root / "pet").iterdir())[3]
    lost.unlink()
    with pytest.raises(AtsmError, match="incomplete") as caught:
        make_from(scenario, root)
    assert lost.name in caught.value.detail
    assert not lost.exists()


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    target = tmp_path / "mouse"
    target.mkdir()
    assert make_from(patient_scenario().coarser(4), target).root == target
    assert (target / "README.txt").read_text().startswith("This folder holds a SIMULATED patient")
    assert [p.name for p in tmp_path.iterdir()] == ["mouse"]


def test_progress_runs_from_nothing_to_done_without_going_back(tmp_path: Path) -> None:
    seen: list[float] = []
    make_from(patient_scenario().coarser(4), tmp_path / "m", lambda fraction, _words: seen.append(fraction))
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert len(seen) > 50


def test_a_cancelled_run_leaves_nothing_behind(tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def stop(fraction: float, _words: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        make_from(patient_scenario().coarser(4), tmp_path / "m", stop)
    assert list(tmp_path.iterdir()) == []


def test_a_grid_too_coarse_for_the_rois_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(AtsmError, match="too coarse to hold the muscle ROI"):
        make_from(mouse_scenario().coarser(6), tmp_path / "mouse")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(AtsmError, match="rat"):
        make_sample("rat", tmp_path / "rat")  # type: ignore[arg-type]


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="the DICOM validator dciodvfy is not installed")
@pytest.mark.parametrize("kind", ["mouse", "coarse_patient"])
def test_a_dicom_validator_finds_no_error(kind: str, request: pytest.FixtureRequest) -> None:
    study: SampleStudy = request.getfixturevalue(kind)
    for folder in (study.pet_dir, study.ct_dir):
        files = sorted(folder.iterdir())
        for path in (files[0], files[len(files) // 2], files[-1]):
            done = subprocess.run(
                ["dciodvfy", "-new", str(path)], capture_output=True, text=True, check=False
            )
            said = (done.stdout + done.stderr).splitlines()
            # The validator names the IOD it recognised; without that it has checked nothing.
            assert any(line in ("PETImage", "CTImage") for line in said), said
            assert [line for line in said if line.startswith("Error")] == []
