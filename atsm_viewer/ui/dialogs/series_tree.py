"""Every image that was found, as a tree of patient, study and series with small pictures."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from atsm_viewer.app.jobs import CancelToken, JobRunner
from atsm_viewer.app.series_choice import Catalogue, SeriesEntry, choice_of
from atsm_viewer.app.thumbnails import Glance, glance_at
from atsm_viewer.domain.errors import AtsmError

_HEADERS = ("Image", "Kind", "Date", "Size", "Units", "SUV")
_WIDTHS_EM = (42, 10, 20, 19, 8, 10)
_PICTURE_LINES = 2.6
_ENTRY = Qt.ItemDataRole.UserRole
# More groups than this stay closed at first: nobody reads a thousand open rows.
_MAX_OPEN = 40


class SeriesTree(QTreeWidget):
    """Lists suitable images; pictures and verdicts come later, for the rows in sight only.

    Parameters
    ----------
    catalogue
        Everything that was found.
    jobs
        Where pictures are made; None for none.
    """

    picked = Signal(object)
    """SeriesEntry that a person chose."""

    def __init__(self, catalogue: Catalogue, jobs: JobRunner | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs, self._token = jobs, CancelToken()
        self._is_busy = False
        self._looked: set[str] = set()
        self.setAccessibleName("All images, by patient and study")
        self.setHeaderLabels(list(_HEADERS))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAllColumnsShowFocus(True)
        line, em = self.fontMetrics().height(), self.fontMetrics().averageCharWidth()
        side = round(_PICTURE_LINES * line)
        self.setIconSize(QSize(side, side))
        self._blank = QPixmap(side, side)
        self._blank.fill(Qt.GlobalColor.transparent)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(_WIDTHS_EM):
            self.setColumnWidth(column, width * em)
        self._fill([entry for entry in catalogue.series if entry.suitable])
        self.itemClicked.connect(lambda item, column: self._on_picked(item))
        self.itemActivated.connect(lambda item, column: self._on_picked(item))
        for moved in (self.verticalScrollBar().valueChanged, self.itemExpanded, self.itemCollapsed):
            moved.connect(lambda *ignored: self._look_at_next())

    def sizeHint(self) -> QSize:
        """Return room for about five rows."""
        line = self.fontMetrics().height()
        return QSize(super().sizeHint().width(), round((6 * _PICTURE_LINES) * line))

    def showEvent(self, event: object) -> None:
        """Start with the pictures once there is something to see."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._look_at_next()

    def stop(self) -> None:
        """Make no more pictures."""
        self._token.cancel()
        self._jobs = None

    def _fill(self, entries: list[SeriesEntry]) -> None:
        patients: dict[str, QTreeWidgetItem] = {}
        studies: dict[tuple[str, str, str], QTreeWidgetItem] = {}
        for entry in entries:
            name = entry.patient_label or "No patient stated"
            if name not in patients:
                patients[name] = QTreeWidgetItem([name])
            key = (name, entry.study_uid, entry.study_date)
            if key not in studies:
                date = _date(entry.study_date)
                studies[key] = QTreeWidgetItem([f"Study of {date}" if date else "Study without a date"])
                patients[name].addChild(studies[key])
            studies[key].addChild(self._row(entry))
        for group in (*patients.values(), *studies.values()):
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.addTopLevelItems(list(patients.values()))
        for patient in patients.values():
            patient.setFirstColumnSpanned(True)
            patient.setExpanded(len(patients) <= _MAX_OPEN)
        for study in studies.values():
            study.setFirstColumnSpanned(True)
            study.setExpanded(len(studies) <= _MAX_OPEN)

    def _row(self, entry: SeriesEntry) -> QTreeWidgetItem:
        choice = choice_of(entry)
        kind = {"PT": "PET", "": "unknown"}.get(entry.modality, entry.modality)
        date = " ".join(part for part in (_date(entry.study_date), _clock(entry.study_time)) if part)
        row = QTreeWidgetItem([choice.title, kind, date, entry.shape, entry.units, ""])
        row.setData(0, _ENTRY, entry)
        row.setIcon(0, QIcon(self._blank))
        row.setToolTip(0, f"{choice.title}\n{choice.facts}")
        return row

    def _on_picked(self, item: QTreeWidgetItem) -> None:
        entry = item.data(0, _ENTRY)
        if entry is not None:
            self.picked.emit(entry)

    def _look_at_next(self) -> None:
        """Have a picture made of the first row in sight that has none."""
        if self._jobs is None or self._is_busy or not self.isVisible():
            return
        item: QTreeWidgetItem | None = self.itemAt(0, 0)
        bottom = self.viewport().height()
        while item is not None and self.visualItemRect(item).top() < bottom:
            entry = item.data(0, _ENTRY)
            if entry is not None and entry.id not in self._looked:
                self._look_at(item, entry)
                return
            item = self.itemBelow(item)

    def _look_at(self, item: QTreeWidgetItem, entry: SeriesEntry) -> None:
        assert self._jobs is not None
        self._is_busy = True
        self._looked.add(entry.id)

        def done(glance: Glance) -> None:
            self._show(item, glance)
            self._go_on()

        def failed(error: AtsmError) -> None:
            item.setText(5, "cannot be read")
            item.setToolTip(5, str(error))
            self._go_on()

        self._token = self._jobs.run(
            f"Looking at {entry.description}", lambda progress, cancel: glance_at(entry, cancel),
            done, failed, quiet=True,
        )  # fmt: skip

    def _go_on(self) -> None:
        self._is_busy = False
        self._look_at_next()

    def _show(self, item: QTreeWidgetItem, glance: Glance) -> None:
        item.setText(5, glance.suv)
        item.setToolTip(5, glance.why)
        if glance.picture_ji is None:
            return
        rows, columns = glance.picture_ji.shape
        image = QImage(glance.picture_ji.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8)
        side = self.iconSize().width()
        scaled = QPixmap.fromImage(image.copy()).scaled(
            side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        # Every picture as wide as the others, so that the names stand in one line.
        square = QPixmap(self._blank)
        painter = QPainter(square)
        painter.drawPixmap((side - scaled.width()) // 2, (side - scaled.height()) // 2, scaled)
        painter.end()
        item.setIcon(0, QIcon(square))


def _date(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text


def _clock(text: str) -> str:
    return f"{text[:2]}:{text[2:4]}" if text[:4].isdigit() and len(text) >= 4 else ""
