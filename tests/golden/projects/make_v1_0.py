"""Make ``v1_0.atsm``: a project of file version 1.0, written without the program.

The manifest is spelled out here and the masks are drawn by plain loops, so the golden file states
what version 1.0 means and not what the writer happens to do. Run once; the result is committed and
is not made again when the program changes:

    python tests/golden/projects/make_v1_0.py
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def nrrd(shape_kji: tuple[int, int, int], origin: str, offset_ijk: str, voxels: bytes, name: str) -> bytes:
    k, j, i = shape_kji
    header = f"""NRRD0004
type: unsigned char
dimension: 3
space: left-posterior-superior
sizes: {i} {j} {k}
space directions: (2,0,0) (0,2,0) (0,0,4)
kinds: domain domain domain
encoding: gzip
space origin: {origin}
Segment0_ID:={name}
Segment0_Name:={name}
Segment0_LabelValue:=1
Segment0_Layer:=0
Segment0_Extent:=0 {i - 1} 0 {j - 1} 0 {k - 1}
Segmentation_ReferenceImageExtentOffset:={offset_ijk}

"""
    return header.encode() + gzip.compress(voxels, mtime=0)


# A full block of 2 x 3 x 4 = 24 voxels, its first voxel at k 1, j 2, i 3.
TUMOUR = nrrd((2, 3, 4), "(-4,-6,-16)", "3 2 1", b"\1" * 24, "roi-t")
# Every second voxel of one row of 5 at k 4, j 0, i 0: three voxels.
MUSCLE = nrrd((1, 1, 5), "(-10,-10,-4)", "0 0 4", b"\1\0\1\0\1", "roi-m")

HEADER = {
    "units": "BQML",
    "corrected_image": ["DECY", "ATTN"],
    "decay_correction": "START",
    "series_date": "20240102",
    "series_time": "110000",
    "is_enhanced": False,
    "is_nm": False,
    "patient_weight_kg": 0.02,
    "radiopharmaceuticals": [
        {"start_datetime": "20240102100000", "total_dose": 5.0e6, "half_life_s": 45721.1}
    ],
}

MANIFEST = {
    "format": "atsm-project",
    "schema": {"major": 1, "minor": 0},
    "must_understand": [],
    "app": {"name": "atsm_viewer", "version": "0.1.0", "libs": {}},
    "project_id": "0d6c2f5e-3a41-4c58-9d3e-5a1b7c9e2f40",
    "revision": 12,
    "created": "2026-01-02T03:04:05Z",
    "modified": "2026-01-03T03:04:05Z",
    "subjects": [{"id": "s-1", "label": "Maus 1", "species": "mouse", "sex": "F", "group": "治療"}],
    "administrations": [
        {
            "id": "a-1",
            "subject_id": "s-1",
            "tracer": {"value": "Cu-64 ATSM", "provenance": "typed", "detail": ""},
            "entered": {
                "weight_kg": {"value": 0.0215, "provenance": "study table", "detail": "row 4"},
                "is_animal": {"value": True, "provenance": "typed", "detail": ""},
                "administration_time": {
                    "value": "2024-01-02T10:00:30.500000", "provenance": "typed", "detail": "",
                },
                "radiopharmaceutical_index": {"value": 0, "provenance": "assumed", "detail": ""},
            },
        }
    ],
    "scans": [
        {
            "id": "scan-1",
            "label": "1 h",
            "pet_geometry": {
                "shape_kji": [6, 10, 10],
                "origin_lps": [-10.0, -10.0, -20.0],
                "step_k_lps": [0.0, 0.0, 4.0],
                "step_j_lps": [0.0, 2.0, 0.0],
                "step_i_lps": [2.0, 0.0, 0.0],
                "frame_of_reference_uid": "1.2.826.0.1.3680043.8.498.1",
            },
            "slots": [
                {
                    "subject_id": "s-1", "administration_id": "a-1",
                    "lo_lps": [-10.0, -10.0, -20.0], "hi_lps": [8.0, 8.0, 0.0],
                }
            ],
            "ct_to_pet": {
                "rotation": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
                "translation_mm": [0.5, 0.0, -1.0],
            },
            "pet_facts": {"distinct": [HEADER], "index": [0, 0, 0, 0, 0, 0]},
            "pet_instance_tk": [[0, 1, 2, 3, 4, 5]],
            "pet_source": {
                "kind": "dicom-series",
                "series_uid": "1.2.826.0.1.3680043.8.498.2",
                "study_uid": "1.2.826.0.1.3680043.8.498.3",
                "frame_of_reference_uid": "1.2.826.0.1.3680043.8.498.1",
                "description": "PET",
                "n_instances": 6,
                "sop_digest": "a" * 64,
                "pixel_digest": "b" * 64,
                "study_date": "2024-01-02",
                "locate": {"folder": "../DICOM/PET", "files": [f"{n}.dcm" for n in range(6)]},
            },
            "ct_source": None,
        }
    ],
    "rois": [
        {
            "id": "roi-t", "name": "Tümör", "role": "tumour", "scan_id": "scan-1", "subject_id": "s-1",
            "colour": "#D55E00", "method": {"name": "threshold", "params": [["rel_max", "0.41"]]},
            "visible": True, "locked": False, "edited_voxels": 3, "tracking_uid": "2.25.7",
            "created_utc": "2026-01-02T03:04:05Z", "modified_utc": "",
            "voxels": {
                "file": "rois/roi-t.seg.nrrd", "crop_origin_kji": [1, 2, 3], "crop_shape_kji": [2, 3, 4],
                "n_voxels": 24,
            },
        },
        {
            "id": "roi-m", "name": "muscle", "role": "muscle", "scan_id": "scan-1", "subject_id": "s-1",
            "colour": "", "method": {"name": "manual", "params": []},
            "visible": False, "locked": True, "edited_voxels": 0, "tracking_uid": "",
            "created_utc": "", "modified_utc": "",
            "voxels": {
                "file": "rois/roi-m.seg.nrrd", "crop_origin_kji": [4, 0, 0], "crop_shape_kji": [1, 1, 5],
                "n_voxels": 3,
            },
        },
    ],
    "protocol": {
        "headline": "tm_max", "muscle_pooling": "rois", "min_tumour_voxels": 5, "min_muscle_voxels": 20,
        "fwhm_mm": 1.6,
    },
    "notices": [
        {
            "code": "W-X", "severity": "warning", "text": "doubtful", "remedy": "look", "scan_id": "scan-1",
            "change_pct": -2.5,
        }
    ],
    "view": {"cursor_lps": [0.0, 0.0, -8.0]},
    "extensions": {"org.example": [1, 2]},
    "files": {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in (("rois/roi-t.seg.nrrd", TUMOUR), ("rois/roi-m.seg.nrrd", MUSCLE))
    },
}  # fmt: skip


def main() -> None:
    text = json.dumps(MANIFEST).encode()
    members = (
        ("mimetype", b"application/x-atsm-project"),
        ("manifest.json", text),
        ("rois/roi-t.seg.nrrd", TUMOUR),
        ("rois/roi-m.seg.nrrd", MUSCLE),
        ("manifest.bak.json", text),
    )
    with zipfile.ZipFile(HERE / "v1_0.atsm", "w") as container:
        for name, data in members:
            container.writestr(zipfile.ZipInfo(name), data)


if __name__ == "__main__":
    main()
