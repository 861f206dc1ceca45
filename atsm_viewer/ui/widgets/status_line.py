"""The bottom line: what lies under the pointer, and what each mouse button does now."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.mouse_help import mouse_help, mouse_help_text
from atsm_viewer.app.readout import Readout, readout
from atsm_viewer.domain.geometry import Vec3
from atsm_viewer.domain.pointer import Modifier
from atsm_viewer.ui.widgets.labels import ElidedLabel

# Name, widest value that is expected, meaning.
_FIELDS: tuple[tuple[str, str, str, str], ...] = (
    ("pet", "SUV", "no value", "PET value in SUV normalised by body weight, g/mL"),
    ("kbq_ml", "kBq/mL", "00000", "PET value as activity concentration"),
    ("pct_id_ml", "%ID/mL", "0.00000", "PET value in per cent of the injected activity per mL"),
    ("muscle", "muscle", "000.0 ×", "PET value divided by the mean of the muscle ROIs"),
    ("ct", "HU", "−00000", "CT value"),
    ("position", "LPS mm", "−000.0, −000.0, −0000.0", "Position: left, posterior, superior, mm"),
    ("voxel", "k, j, i", "000, 000, 000", "Index of the PET voxel: slice, row, column, counted from 0"),
)
# The context line keeps this much; the value that matters most comes first.
_HELP_EM = 30
_BY_IMPORTANCE = ("pet", "muscle", "ct", "position", "kbq_ml", "pct_id_ml", "voxel")


class _Field(QWidget):
    """A name and a value of fixed width."""

    def __init__(self, name: str, widest: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTip(tip)
        self._name = QLabel(name, self)
        self._name.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._name.setMinimumWidth(self._name.sizeHint().width())
        self.value = QLabel("–", self)
        font = QFont(self.value.font())
        # Figures of one width, where the font has them: digits do not dance under the moving pointer.
        font.setFeature(QFont.Tag("tnum"), 1)
        self.value.setFont(font)
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        metrics = self.value.fontMetrics()
        self.value.setFixedWidth(metrics.horizontalAdvance(widest) + metrics.averageCharWidth())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metrics.averageCharWidth())
        layout.addWidget(self._name)
        layout.addWidget(self.value)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def rename(self, name: str, tip: str) -> None:
        """Give the value another meaning (stored values instead of SUV)."""
        if self._name.text() != name:
            self._name.setText(name)
            self.setToolTip(tip)


class StatusLine(QWidget):
    """Values under the pointer on the left, the context line on the right.

    Parameters
    ----------
    ctx
        Session and view.
    """

    def __init__(self, ctx: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._position: Vec3 | None = None
        self._modifiers, self._space = Modifier.NONE, False
        self.setAccessibleName("Values under the pointer")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        em = self.fontMetrics().averageCharWidth()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(em, em // 3, em, em // 3)
        layout.setSpacing(em)
        self._fields: dict[str, _Field] = {}
        for key, name, widest, tip in _FIELDS:
            self._fields[key] = _Field(name, widest, tip, self)
            layout.addWidget(self._fields[key])
        self._help = ElidedLabel("", self, Qt.TextElideMode.ElideRight)
        self._help.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self._help, 1)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """Return no width: a narrow window shows fewer values instead of growing."""
        return QSize(1, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what matters least where there is no room."""
        super().resizeEvent(event)
        gap = self.fontMetrics().averageCharWidth()
        room = self.width() - _HELP_EM * gap
        for name in _BY_IMPORTANCE:
            field = self._fields[name]
            room -= field.sizeHint().width() + gap
            field.setVisible(room >= 0)

    def value(self, name: str) -> str:
        """Return the text of a field: pet, kbq_ml, pct_id_ml, muscle, ct, position or voxel."""
        return self._fields[name].value.text()

    def help_text(self) -> str:
        """Return the context line."""
        return self._help.text()

    def show_position(self, position_lps: Vec3 | None) -> None:
        """Show what lies at a position (LPS mm); None when the pointer left the pictures."""
        self._position = position_lps
        self._show(readout(self._ctx, position_lps))

    def set_keys(self, modifiers: Modifier, *, space: bool = False) -> None:
        """Say which keys are down: they change what the mouse does."""
        if (modifiers, space) != (self._modifiers, self._space):
            self._modifiers, self._space = modifiers, space
            self._show_help()

    def refresh(self) -> None:
        """Bring everything up to date after a change of session or view."""
        self.show_position(self._position)
        self._show_help()

    def _show(self, shown: Readout) -> None:
        pet = self._fields["pet"]
        if shown.stored_unit:
            pet.rename(shown.stored_unit, "PET value as stored: SUV is not available, see the dose card")
        else:
            pet.rename("SUV", _FIELDS[0][3])
        texts = {
            "pet": shown.stored if shown.stored_unit else shown.suv,
            "kbq_ml": shown.kbq_ml,
            "pct_id_ml": shown.pct_id_ml,
            "muscle": shown.muscle,
            "ct": shown.ct,
            "position": shown.position,
            "voxel": shown.voxel,
        }
        for name, text in texts.items():
            self._fields[name].value.setText(text)

    def _show_help(self) -> None:
        hints = mouse_help(self._ctx, self._modifiers, space=self._space)
        self._help.setText(mouse_help_text(hints))
