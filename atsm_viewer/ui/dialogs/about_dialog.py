"""Version, licence and intended use."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer import __version__
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons
from atsm_viewer.ui.widgets.labels import heading, quiet

LIBRARIES = (
    "PySide6-Essentials", "pyqtgraph", "numpy", "numba", "scipy", "scikit-image", "pydicom", "SimpleITK",
)  # fmt: skip
_WHAT = "Paint tumour and muscle on Cu-ATSM PET/CT and read SUV and tumour-to-muscle ratios."
_USE = (
    "For research use only; never a diagnosis. The program is no medical device and was not checked by any"
    " authority."
)
_WIDTH_EM = 58


def library_versions() -> tuple[tuple[str, str], ...]:
    """Return Python and the libraries in use with their versions."""
    rows = [("Python", platform.python_version())]
    for name in LIBRARIES:
        try:
            rows.append((name.removesuffix("-Essentials"), version(name)))
        except PackageNotFoundError:
            rows.append((name.removesuffix("-Essentials"), "version not recorded"))
    return tuple(rows)


class AboutDialog(QDialog):
    """Says what the program is, and what it is not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About ATSM Viewer")
        self._versions = library_versions()
        em, line = self.fontMetrics().averageCharWidth(), self.fontMetrics().height()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * em, line, 3 * em, line)
        layout.setSpacing(line // 2)
        layout.addWidget(heading("ATSM Viewer", self, 1.7))
        layout.addWidget(quiet(f"Version {__version__}  ·  Apache-2.0 licence", self))
        words = QLabel(_WHAT, self)
        words.setWordWrap(True)
        layout.addWidget(words)
        use = QLabel(_USE, self)
        use.setWordWrap(True)
        bold = use.font()
        bold.setBold(True)
        use.setFont(bold)
        layout.addWidget(use)
        layout.addSpacing(line // 2)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setHorizontalSpacing(3 * em)
        form.setVerticalSpacing(max(line // 6, 1))
        for name, found in self._versions:
            value = QLabel(found, self)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(quiet(name, self), value)
        layout.addLayout(form)
        layout.addStretch(1)
        self.copy_button = QPushButton("Copy versions", self)
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self._copy)
        buttons = dialog_buttons(self, QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        layout.addWidget(buttons)
        self.setMinimumWidth(_WIDTH_EM * em)

    def report(self) -> str:
        """Return name, version, system and libraries as text."""
        lines = [f"ATSM Viewer {__version__}", platform.platform()]
        return "\n".join([*lines, *(f"{name} {found}" for name, found in self._versions)])

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self.copy_button.setText("Copied")
