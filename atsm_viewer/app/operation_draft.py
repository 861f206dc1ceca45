"""An operation that is being set up: options, preview, then one undoable step or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.jobs import CancelToken, ProgressFn
from atsm_viewer.app.operations_run import (
    RoiNumbers,
    apply_result,
    numbers_of,
    operation_context,
    run_operation,
)
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.options import OptionSpec, OptionValue, option_values
from atsm_viewer.domain.roi import Role
from atsm_viewer.operations import Operation, OperationContext, OperationResult

Values = dict[str, OptionValue]


@dataclass(frozen=True, eq=False)
class OperationPreview:
    """What an operation would make.

    Parameters
    ----------
    masks
        Scan and voxels of everything that would be replaced or added.
    before
        The ROI as it is; None where there is nothing to compare it with.
    after
        The ROI as it would be; of a single ROI that would be added.
    n_new
        ROIs that would be added.
    unchanged
        Whether no voxel would change.
    notices
        What is worth saying.
    """

    masks: tuple[tuple[str, Mask], ...]
    before: RoiNumbers | None
    after: RoiNumbers | None
    n_new: int
    unchanged: bool
    notices: tuple[str, ...]


def _summary(given: OperationContext, result: OperationResult) -> OperationPreview:
    masks = [(given.scan.id, mask) for _, mask in result.others]
    masks += [(new.scan_id or given.scan.id, new.mask) for new in result.new]
    before = after = None
    unchanged = False
    if result.mask is not None:
        masks.insert(0, (given.scan.id, result.mask))
        before, after = numbers_of(given, given.roi.mask), numbers_of(given, result.mask)
        same_others = all(given.state.roi(i).mask.same_voxels(m) for i, m in result.others)
        unchanged = result.mask.same_voxels(given.roi.mask) and same_others and not result.new
    elif len(result.new) == 1 and result.new[0].scan_id in ("", given.scan.id):
        before, after = numbers_of(given, given.roi.mask), numbers_of(given, result.new[0].mask)
        if result.new[0].role not in (None, Role.TUMOUR):
            after = replace(after, tm_mean=None)
    notices = tuple(n.text for n in result.notices)
    return OperationPreview(tuple(masks), before, after, len(result.new), unchanged, notices)


class OperationDraft:
    """Sets up one operation on one ROI; the session is not touched before :meth:`accept`.

    Parameters
    ----------
    ctx
        Whose session.
    operation
        What is to be done.

    Raises
    ------
    AtsmError
        When there is no ROI in hand.
    """

    def __init__(self, ctx: AppContext, operation: Operation) -> None:
        self._ctx, self._operation = ctx, operation
        self.roi_id = ctx.view.state.active_roi_id
        given = operation_context(ctx, self.roi_id)
        self.roi_name = given.roi.name
        self.options: tuple[OptionSpec, ...] = operation.options_for(given)
        self.title, self.tip = operation.title, operation.tip
        self._token: CancelToken | None = None
        self._known: tuple[OperationContext, Values, OperationResult] | None = None

    @property
    def defaults(self) -> Values:
        """Where the options start for this ROI."""
        return option_values(self.options)

    @property
    def start_values(self) -> Values:
        """What was used last where that is still possible, else the defaults."""
        values = self.defaults
        remembered = self._ctx.view.state.tool_options.get(f"op.{self._operation.id}", {})
        for option in self.options:
            if option.id in remembered:
                try:
                    values[option.id] = option.checked(remembered[option.id])
                except AtsmError:
                    continue  # the scan or ROI chosen then is gone: its default stands
        return values

    @property
    def why_gone(self) -> str:
        """Why the operation can no longer run; empty while it can."""
        state = self._ctx.session.state
        roi = state.find_roi(self.roi_id)
        return "The ROI is gone." if roi is None else self._operation.why_not(state.scan(roi.scan_id), roi)

    def preview(
        self,
        values: Values,
        on_done: Callable[[OperationPreview], None],
        on_error: Callable[[AtsmError], None],
    ) -> None:
        """Work out what the values would make; an earlier preview still under way is dropped."""
        self.drop_preview()
        try:
            given = operation_context(self._ctx, self.roi_id)
        except AtsmError as error:
            on_error(error)
            return
        wanted = dict(values)

        def work(progress: ProgressFn, cancel: CancelToken) -> tuple[OperationResult, OperationPreview]:
            stoppable = replace(given, check=cancel.check)
            result = self._operation.apply(stoppable, wanted)
            return result, _summary(stoppable, result)

        def done(answer: tuple[OperationResult, OperationPreview]) -> None:
            if self._ctx.session.state is given.state:
                self._known = (given, wanted, answer[0])
                on_done(answer[1])

        self._token = self._ctx.jobs.run(f"Preview of {self.title}", work, done, on_error, quiet=True)

    def drop_preview(self) -> None:
        """Forget the preview and stop working on it."""
        if self._token is not None:
            self._token.cancel()
        self._token = self._known = None

    def accept(self, values: Values) -> None:
        """Carry it out as one step; what the preview has worked out already is used as it is."""
        for name, value in values.items():
            self._ctx.view.set_tool_option(f"op.{self._operation.id}", name, value)
        known = self._known
        fresh = known is not None and known[0].state is self._ctx.session.state and known[1] == values
        if known is not None and fresh and known[0].cursor_lps == self._ctx.view.state.cursor_lps:
            apply_result(self._ctx, known[0], self._operation, known[2])
        else:
            run_operation(self._ctx, self._operation, dict(values), self.roi_id)
