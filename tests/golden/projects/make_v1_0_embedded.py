"""Make ``v1_0_embedded.atsm``: version 1.0 with a packed PET and CT, written without the program.

Run once; the result is committed and is not made again when the program changes:

    python tests/golden/projects/make_v1_0_embedded.py
"""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
FRAME = "1.2.826.0.1.3680043.8.498.11"

# PET: 2 frames of 2 x 3 x 4 voxels, the value says where it is: 1000 t + 100 k + 10 j + i.
PET_VALUES = [
    1000 * t + 100 * k + 10 * j + i for t in range(2) for k in range(2) for j in range(3) for i in range(4)
]
# CT: 2 x 2 x 2 voxels.
CT_VALUES = [-1000, 0, 40, 1000, -1024, 1, 2, 3]


def nrrd(fields: str, raw: bytes) -> bytes:
    return fields.encode() + b"\n" + gzip.compress(raw, mtime=0)


PET = nrrd(
    """NRRD0004
type: float
dimension: 4
space: left-posterior-superior
sizes: 4 3 2 2
space directions: (2.0,0.0,0.0) (0.0,2.0,0.0) (0.0,0.0,3.0) none
kinds: domain domain domain list
endian: little
encoding: gzip
space origin: (-3.0,-2.0,10.0)
""",
    struct.pack("<48f", *PET_VALUES),
)
CT = nrrd(
    """NRRD0004
type: short
dimension: 3
space: left-posterior-superior
sizes: 2 2 2
space directions: (4.0,0.0,0.0) (0.0,3.0,0.0) (0.0,0.0,3.0)
kinds: domain domain domain
endian: little
encoding: gzip
space origin: (-2.0,-1.5,10.0)
""",
    struct.pack("<8h", *CT_VALUES),
)
# One row of two voxels, at k 1, j 2, i 1 and 2.
TUMOUR = nrrd(
    """NRRD0004
type: unsigned char
dimension: 3
space: left-posterior-superior
sizes: 2 1 1
space directions: (2,0,0) (0,2,0) (0,0,3)
kinds: domain domain domain
encoding: gzip
space origin: (-1,2,13)
Segment0_ID:=roi-t
Segment0_Name:=roi-t
Segment0_LabelValue:=1
Segment0_Layer:=0
Segment0_Extent:=0 1 0 0 0 0
Segmentation_ReferenceImageExtentOffset:=1 2 1
""",
    b"\1\1",
)


def grid(shape: list[int], origin: list[float], k: float, j: float, i: float) -> dict[str, object]:
    return {
        "shape_kji": shape, "origin_lps": origin, "step_k_lps": [0.0, 0.0, k], "step_j_lps": [0.0, j, 0.0],
        "step_i_lps": [i, 0.0, 0.0], "frame_of_reference_uid": FRAME,
    }  # fmt: skip


def source(series: str, values: bytes, n: int) -> dict[str, object]:
    return {
        "kind": "dicom-series", "series_uid": series, "study_uid": "1.2.826.0.1.3680043.8.498.14",
        "frame_of_reference_uid": FRAME, "description": "", "n_instances": n, "sop_digest": "a" * 64,
        "pixel_digest": hashlib.sha256(values).hexdigest(), "study_date": "",
        "locate": {"folder": "", "files": ["gone.dcm"]},
    }  # fmt: skip


PET_GRID = grid([2, 3, 4], [-3.0, -2.0, 10.0], 3.0, 2.0, 2.0)
CT_GRID = grid([2, 2, 2], [-2.0, -1.5, 10.0], 3.0, 3.0, 4.0)
PARTS = {"images/001-pet.nrrd": PET, "images/001-ct.nrrd": CT, "rois/roi-t.seg.nrrd": TUMOUR}
MANIFEST = {
    "format": "atsm-project",
    "schema": {"major": 1, "minor": 0},
    "must_understand": ["embedded-images"],
    "app": {"name": "atsm_viewer", "version": "0.1.0", "libs": {}},
    "project_id": "7b1de0a4-52f3-4d0b-8a57-6f2f3c1f9e11",
    "revision": 3,
    "created": "2026-02-02T03:04:05Z",
    "modified": "2026-02-03T03:04:05Z",
    "subjects": [{"id": "s-1", "label": "M1", "species": "mouse", "sex": "", "group": ""}],
    "administrations": [{"id": "a-1", "subject_id": "s-1", "tracer": None, "entered": {}}],
    "scans": [
        {
            "id": "scan-1",
            "label": "dynamic",
            "pet_geometry": PET_GRID,
            "slots": [{"subject_id": "s-1", "administration_id": "a-1", "lo_lps": None, "hi_lps": None}],
            "ct_to_pet": {
                "rotation": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
                "translation_mm": [0.0, 0.0, 0.0],
            },
            "pet_facts": None,
            "pet_instance_tk": [],
            "pet_source": source(
                "1.2.826.0.1.3680043.8.498.12", struct.pack("<48f", *PET_VALUES), 4
            ),
            "ct_source": source("1.2.826.0.1.3680043.8.498.13", struct.pack("<8f", *CT_VALUES), 2),
            "embedded": {
                "pet": {
                    "file": "images/001-pet.nrrd", "type": "float", "geometry": PET_GRID, "unit": "BQML",
                    "modality": "PT",
                    "frames": [{"start_s": 0.0, "duration_s": 60.0}, {"start_s": 60.0, "duration_s": 120.0}],
                },
                "ct": {
                    "file": "images/001-ct.nrrd", "type": "short", "geometry": CT_GRID, "unit": "HU",
                    "modality": "CT", "frames": [{"start_s": 0.0, "duration_s": 0.0}],
                },
            },
        }
    ],
    "rois": [
        {
            "id": "roi-t", "name": "tumour", "role": "tumour", "scan_id": "scan-1", "subject_id": "s-1",
            "colour": "", "method": {"name": "manual", "params": []}, "visible": True, "locked": False,
            "edited_voxels": 0, "tracking_uid": "", "created_utc": "", "modified_utc": "",
            "voxels": {
                "file": "rois/roi-t.seg.nrrd", "crop_origin_kji": [1, 2, 1], "crop_shape_kji": [1, 1, 2],
                "n_voxels": 2,
            },
        }
    ],
    "protocol": {
        "headline": "tm_mean", "muscle_pooling": "rois", "min_tumour_voxels": 5, "min_muscle_voxels": 20,
        "fwhm_mm": None,
    },
    "notices": [],
    "view": None,
    "extensions": {},
    "files": {n: {"sha256": hashlib.sha256(d).hexdigest(), "size": len(d)} for n, d in PARTS.items()},
}  # fmt: skip


def main() -> None:
    text = json.dumps(MANIFEST).encode()
    members = (
        ("mimetype", b"application/x-atsm-project"),
        ("manifest.json", text),
        *PARTS.items(),
        ("manifest.bak.json", text),
    )
    with zipfile.ZipFile(HERE / "v1_0_embedded.atsm", "w") as container:
        for name, data in members:
            container.writestr(zipfile.ZipInfo(name), data)


if __name__ == "__main__":
    main()
