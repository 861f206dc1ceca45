"""Whatever a session holds, saving and loading gives it back."""

from __future__ import annotations

import dataclasses
import tempfile
import types
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

# Any text a person can type, and then some; "/" is left to the privacy tests.
text = st.text(st.characters(exclude_characters="/\\"), max_size=12)
finite = st.floats(-1e6, 1e6)
vec = st.tuples(finite, finite, finite)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    float: st.floats(1e-300, 1e300), str: text, bool: st.booleans(), int: st.integers(-(2**53), 2**53),
    datetime: st.datetimes(),
}  # fmt: skip


# What a dose card accepts where it does not accept everything.
NARROWER = {"sex": st.sampled_from("MFO"), "decay_rule": st.sampled_from(["START", "ADMIN", "NONE"])}


def _sourced(name: str, hint: Any) -> st.SearchStrategy[Any]:
    (arm,) = [a for a in get_args(hint) if a is not types.NoneType]
    value = NARROWER.get(name, SCALARS[get_args(arm)[0]])
    return st.none() | st.builds(Sourced, value, st.sampled_from(Provenance), text)


overrides = st.builds(SuvOverrides, **{k: _sourced(k, h) for k, h in get_type_hints(SuvOverrides).items()})
facts = st.lists(
    st.builds(
        InstanceFacts, units=st.none() | text, corrected_image=st.lists(text, max_size=3).map(tuple),
        decay_factor=st.none() | finite, is_enhanced=st.booleans(), acquisition_time=st.none() | text,
    ),
    min_size=1, max_size=4,
).map(PetFacts.from_instances)  # fmt: skip
sources = st.none() | st.builds(
    ImageSource,
    kind=st.sampled_from(["dicom-series", "nifti"]),
    paths=st.lists(st.sampled_from(["a.dcm", "ä b.dcm", "sub/c.dcm"]), unique=True, max_size=3).map(tuple),
    series_uid=text,
    description=text,
    pixel_digest=text,
    n_instances=st.integers(1, 999),
)


@st.composite
def geometries(draw: st.DrawFn) -> Geometry:
    shape = draw(st.tuples(*[st.integers(1, 9)] * 3))
    steps = np.diag(draw(st.tuples(*[st.floats(0.05, 50)] * 3)))
    steps += np.tril(draw(st.floats(-0.5, 0.5)) * np.ones((3, 3)), -1)
    return Geometry.from_affine(shape, draw(vec), steps[::-1], draw(text))


@st.composite
def masks(draw: st.DrawFn, grid: Geometry) -> Mask:
    shape = grid.shape_kji
    bits = draw(st.binary(min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    block = np.frombuffer(bits, np.uint8).reshape(shape) > draw(st.sampled_from([100, 200, 255]))
    return Mask.from_block(Box.of_shape(shape), block)


@st.composite
def sessions(draw: st.DrawFn) -> SessionState:
    subjects = tuple(
        Subject(f"s-{n}", draw(text), draw(text), draw(text), draw(text))
        for n in range(draw(st.integers(1, 3)))
    )
    administrations = tuple(
        Administration(
            f"a-{s.id}", s.id, draw(st.none() | st.builds(Sourced, text, st.sampled_from(Provenance), text)),
            draw(overrides),
        )
        for s in subjects
    )  # fmt: skip
    scans, rois = [], []
    for n in range(draw(st.integers(0, 3))):
        grid, found = draw(geometries()), draw(st.none() | facts)
        slots = tuple(Slot(s.id, f"a-{s.id}", draw(st.none() | vec), draw(st.none() | vec)) for s in subjects)
        table = (tuple(range(len(found))),) if found else ()
        scans.append(
            Scan(
                f"scan-{n}", draw(text), grid, None, None, slots, pet_facts=found, pet_instance_tk=table,
                pet_source=draw(sources), ct_source=draw(sources),
            )
        )  # fmt: skip
        for m in range(draw(st.integers(0, 3))):
            rois.append(
                Roi(
                    draw(st.sampled_from(["roi-", "../", "Ü ", ""])) + f"{n}{m}", draw(text),
                    draw(st.sampled_from(Role)), f"scan-{n}", draw(st.sampled_from(subjects)).id,
                    draw(st.sampled_from(["", "#012AbC"])), draw(masks(grid)),
                    Method(draw(text), ((draw(text), draw(text)),)), draw(st.booleans()), draw(st.booleans()),
                    draw(st.integers(0, 10**6)), draw(text), draw(text), draw(text),
                )
            )  # fmt: skip
    notices = st.builds(
        Notice, code=text, severity=st.sampled_from(Severity), text=text, change_pct=st.none() | finite
    )
    protocol = st.builds(Protocol, headline=text, fwhm_mm=st.none() | finite)
    return SessionState(
        subjects,
        administrations,
        tuple(scans),
        tuple(rois),
        draw(protocol),
        tuple(draw(st.lists(notices, max_size=3))),
    )


def _placed(source: ImageSource | None, folder: Path) -> ImageSource | None:
    return source and dataclasses.replace(source, paths=tuple(folder / "data" / p for p in source.paths))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(sessions())
def test_a_session_survives_saving_and_loading(session: SessionState) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        session = dataclasses.replace(
            session,
            scans=tuple(
                dataclasses.replace(
                    s, pet_source=_placed(s.pet_source, folder), ct_source=_placed(s.ct_source, folder)
                )
                for s in session.scans
            ),
        )
        path = folder / "p.atsm"
        meta = save_project(session, path, meta=ProjectMeta.new())
        loaded = load_project(path)
        assert loaded.problems == ()
        assert loaded.meta.unknown == {}
        assert _plain(loaded.state) == _plain(session)
        first = path.read_bytes()
        again = dataclasses.replace(meta, revision=0)
        save_project(loaded.state, path, meta=again, now=datetime.fromisoformat(meta.modified))
        assert path.read_bytes() == first


def _plain(state: SessionState) -> list[Any]:
    """Everything comparable by value; scans and ROIs compare by identity otherwise."""
    scans = [[getattr(s, f.name) for f in dataclasses.fields(s)] for s in state.scans]
    rois = [
        [
            (v.box, v.block_kji.tolist()) if isinstance(v := getattr(r, f.name), Mask) else v
            for f in dataclasses.fields(r)
        ]
        for r in state.rois
    ]
    return [state.subjects, state.administrations, scans, rois, state.protocol, state.notices]
