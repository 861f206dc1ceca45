"""What happened, what was kept, what to do next."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer import __version__
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons
from atsm_viewer.ui.widgets.expander import Expander
from atsm_viewer.ui.widgets.labels import scaled_font

_WIDTH_EM = 64


class ErrorDialog(QDialog):
    """Shows one error.

    Parameters
    ----------
    error
        What went wrong.
    """

    def __init__(self, error: AtsmError, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error = error
        self.setWindowTitle("ATSM Viewer")
        em = self.fontMetrics().averageCharWidth()
        icon = QLabel(self)
        size = self.style().pixelMetric(QStyle.PixelMetric.PM_MessageBoxIconSize)
        sign = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        icon.setPixmap(sign.pixmap(size, size))
        words = QVBoxLayout()
        words.setSpacing(self.fontMetrics().height() // 2)
        self.message = self._label(error.user_message)
        self.message.setFont(scaled_font(self.message.font(), 1.1, bold=True))
        words.addWidget(self.message)
        self.hint = self._label(error.hint)
        self.hint.setVisible(bool(error.hint))
        words.addWidget(self.hint)
        top = QHBoxLayout()
        top.setSpacing(2 * em)
        top.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        text = QPlainTextEdit(self)
        text.setReadOnly(True)
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        text.setPlainText(error.detail)
        text.setAccessibleName("Details")
        text.setTabChangesFocus(True)
        text.setMinimumHeight(8 * self.fontMetrics().height())
        self.details = Expander("Details", text, self)
        self.details.setVisible(bool(error.detail))
        self.details.toggled.connect(lambda open_now: self.adjustSize())
        self.copy_button = QPushButton("Copy report", self)
        self.copy_button.setToolTip("Copies message, details and version, for a report.")
        self.copy_button.clicked.connect(self._copy)
        self.copy_button.setAutoDefault(False)
        buttons = dialog_buttons(self, QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        layout = QVBoxLayout(self)
        layout.setSpacing(self.fontMetrics().height())
        layout.addLayout(top)
        layout.addWidget(self.details, 1)
        layout.addStretch(0)
        layout.addWidget(buttons)
        self.setMinimumWidth(_WIDTH_EM * em)

    def report(self) -> str:
        """Return everything that a report needs."""
        lines = [self._error.user_message, self._error.hint, "", self._error.detail]
        system = f"ATSM Viewer {__version__}, Python {platform.python_version()}, {platform.platform()}"
        return "\n".join([*lines, "", system]).strip()

    def _label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self.copy_button.setText("Copied")
