"""What every operation is, is given, and hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray, Geometry, Vec3
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.options import OptionSpec, OptionValue, option_values
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState

BoolArray = npt.NDArray[np.bool_]
Values = Mapping[str, OptionValue]


def _never() -> None:
    """Nobody asks to stop."""


@dataclass(frozen=True, eq=False)
class OperationContext:
    """What an operation may know.

    Parameters
    ----------
    state
        The session before the operation.
    scan, roi
        The ROI worked on and the scan that it lies on.
    frame
        The frame whose PET values count, counted from 0.
    cursor_lps
        The crosshair, LPS mm: "this slice" is the one through it.
    suv_k
        SUV per stored PET value for each slice k of the frame; None while it cannot be known.
    even_k
        Factor per slice k that evens out stored values between slices (relative to each other), as
        the ratios do; None where stored values are comparable as they are.
    muscle_mean
        Mean of the muscle reference in evened stored values, as the results define it; None when unknown.
    check
        Called now and then; raises when the person asked to stop.
    """

    state: SessionState
    scan: Scan
    roi: Roi
    frame: int = 0
    cursor_lps: Vec3 = (0.0, 0.0, 0.0)
    suv_k: FloatArray | None = None
    even_k: FloatArray | None = None
    muscle_mean: float | None = None
    check: Callable[[], None] = _never

    @property
    def geometry(self) -> Geometry:
        """The PET grid that the ROI lies on."""
        return self.scan.pet_geometry

    def pet(self, box: Box) -> FloatArray:
        """Evened stored PET values [k, j, i] over a box inside the grid; NaN where not measured.

        Raises
        ------
        AtsmError
            When the PET image is not loaded.
        """
        if self.scan.pet is None:
            raise AtsmError(
                "The PET image is not loaded.", "Attach it first: this operation reads its values."
            )
        values = np.asarray(self.scan.pet.frame_kji(self.frame)[box.slices], dtype=np.float64)
        if self.even_k is None:
            return values
        return np.asarray(values * self.even_k[box.slices[0], None, None])


@dataclass(frozen=True, eq=False)
class NewRoi:
    """A ROI that an operation makes.

    Parameters
    ----------
    name
        What it is to be called; the app makes it unlike the others.
    mask
        Its voxels on the PET grid of ``scan_id``.
    role, scan_id, subject_id
        None or empty for those of the ROI worked on.
    """

    name: str
    mask: Mask
    role: Role | None = None
    scan_id: str = ""
    subject_id: str = ""


@dataclass(frozen=True, eq=False)
class OperationResult:
    """What an operation made.

    Parameters
    ----------
    mask
        New voxels of the ROI worked on; None to leave it alone.
    others
        Id and new voxels of further ROIs of the same scan.
    new
        ROIs to add.
    params
        What was found on the way (thresholds, planes), as text, for the method of the ROI.
    notices
        Doubts; those from warning upwards are kept with the session.
    """

    mask: Mask | None = None
    others: tuple[tuple[str, Mask], ...] = ()
    new: tuple[NewRoi, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    notices: tuple[Notice, ...] = ()


def _same_options(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    return options


@dataclass(frozen=True, eq=False)
class Operation:
    """A one-shot edit: what it is called, what may be set, and the pure function behind it.

    Parameters
    ----------
    id, title, tip
        Stable short name, words on screen, one sentence.
    group
        Operations of a group stand together in the menu.
    run
        The work; gets a context whose ROI is neither locked nor (usually) empty and checked values.
    options
        Declared parameters; their choices and defaults may be refined by ``refine``.
    refine
        Returns the options for one context: scans and ROIs to choose from, defaults that fit the grid.
    makes
        ``replaces`` the voxels of the ROI, or ``adds`` ROIs.
    needs_pet, needs_ct
        Images without which it cannot run.
    may_empty
        Whether a ROI without voxels is a sensible result.
    instant
        Whether it is so quick that it runs at once instead of as a job.
    """

    id: str
    title: str
    tip: str
    group: str
    run: Callable[[OperationContext, Values], OperationResult]
    options: tuple[OptionSpec, ...] = ()
    refine: Callable[[tuple[OptionSpec, ...], OperationContext], tuple[OptionSpec, ...]] = _same_options
    makes: str = "replaces"
    needs_pet: bool = False
    needs_ct: bool = False
    may_empty: bool = False
    instant: bool = False

    def options_for(self, ctx: OperationContext) -> tuple[OptionSpec, ...]:
        """Return the options with choices and defaults that fit a context."""
        return self.refine(self.options, ctx)

    def why_not(self, scan: Scan, roi: Roi | None) -> str:
        """Return why it cannot run on a ROI now, in words; empty when it can."""
        if roi is None:
            return "Select a ROI first."
        if roi.locked and self.makes == "replaces":
            return f"“{roi.name}” is locked. Unlock it in the ROI list to change it."
        if roi.mask.is_empty:
            return f"“{roi.name}” has no voxels yet. Paint it first."
        if self.needs_pet and scan.pet is None:
            return "The PET image is not loaded."
        if self.needs_ct and scan.ct is None:
            return "This scan has no CT."
        return ""

    def apply(self, ctx: OperationContext, values: Values | None = None) -> OperationResult:
        """Run on the ROI of a context.

        Parameters
        ----------
        ctx
            What is worked on.
        values
            Option values; missing ones start at their default.

        Raises
        ------
        AtsmError
            When it cannot run, and when nothing would be left or made: never silently.
        """
        reason = self.why_not(ctx.scan, ctx.roi)
        if reason:
            raise AtsmError(f"{self.title}: {reason}")
        checked = option_values(self.options_for(ctx), values)
        result = self.run(ctx, checked)
        if result.mask is not None and result.mask.is_empty and not self.may_empty:
            raise AtsmError(
                f"{self.title}: no voxel of “{ctx.roi.name}” would be left.",
                "Nothing was changed; use other values.",
            )
        params = tuple((name, words(value)) for name, value in checked.items())
        return replace(result, params=params + result.params)


def with_defaults(options: tuple[OptionSpec, ...], **defaults: OptionValue) -> tuple[OptionSpec, ...]:
    """Return options with other defaults, by id."""
    return tuple(replace(o, default=defaults.get(o.id, o.default)) for o in options)


def words(value: OptionValue) -> str:
    """Return an option value as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float | int) else value


def number(values: Values, name: str) -> float:
    """Return a number among checked values."""
    return float(values[name])
