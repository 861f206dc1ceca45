"""Light and dark colours of the window, made by hand so that text is readable in both."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup

# Contrast of text on its ground is at least 4.5:1 in both palettes; of disabled text at least 3:1.
_LIGHT: dict[QPalette.ColorRole, str] = {
    _Role.Window: "#f3f4f6",
    _Role.WindowText: "#1b1f24",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f0f2f5",
    _Role.Text: "#1b1f24",
    _Role.PlaceholderText: "#5b6470",
    _Role.Button: "#e9ebef",
    _Role.ButtonText: "#1b1f24",
    _Role.BrightText: "#b3261e",
    _Role.Highlight: "#0b5cad",
    _Role.HighlightedText: "#ffffff",
    _Role.Link: "#0b5cad",
    _Role.LinkVisited: "#6b3fa0",
    _Role.ToolTipBase: "#ffffff",
    _Role.ToolTipText: "#1b1f24",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#f7f8fa",
    _Role.Mid: "#b9bfc8",
    _Role.Dark: "#8f97a3",
    _Role.Shadow: "#5b6470",
    _Role.Accent: "#0b5cad",
}
_DARK: dict[QPalette.ColorRole, str] = {
    _Role.Window: "#24272c",
    _Role.WindowText: "#e6e8eb",
    _Role.Base: "#1b1d21",
    _Role.AlternateBase: "#212429",
    _Role.Text: "#e6e8eb",
    _Role.PlaceholderText: "#a0a8b3",
    _Role.Button: "#32363d",
    _Role.ButtonText: "#e6e8eb",
    _Role.BrightText: "#ff8a80",
    _Role.Highlight: "#2f6fb5",
    _Role.HighlightedText: "#ffffff",
    _Role.Link: "#7db7f2",
    _Role.LinkVisited: "#c3a6ee",
    _Role.ToolTipBase: "#32363d",
    _Role.ToolTipText: "#e6e8eb",
    _Role.Light: "#4a4f58",
    _Role.Midlight: "#3e434b",
    _Role.Mid: "#4a4f58",
    _Role.Dark: "#15171a",
    _Role.Shadow: "#0c0d0f",
    _Role.Accent: "#7db7f2",
}
_DISABLED_TEXT = {False: "#737b87", True: "#8b929c"}
_TEXT_ROLES = (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText)
_FOLLOWS = "atsm_follows_system"
_THEME = "atsm_theme"


def theme_palette(dark: bool) -> QPalette:
    """Return the light or the dark palette."""
    palette = QPalette()
    for role, colour in (_DARK if dark else _LIGHT).items():
        palette.setColor(role, QColor(colour))
    for role in _TEXT_ROLES:
        palette.setColor(_Group.Disabled, role, QColor(_DISABLED_TEXT[dark]))
    palette.setColor(_Group.Disabled, _Role.Highlight, QColor("#4a4f58" if dark else "#d5d9df"))
    return palette


def apply_theme(app: QApplication, theme: str) -> None:
    """Give the whole program a theme.

    Parameters
    ----------
    app
        The program.
    theme
        ``light``, ``dark``, or ``system`` to follow the system, also when it changes later.

    Raises
    ------
    ValueError
        For any other theme.
    """
    if theme not in ("system", "light", "dark"):
        raise ValueError(theme)
    app.setProperty(_THEME, theme)
    hints = app.styleHints()
    if not app.property(_FOLLOWS):
        app.setProperty(_FOLLOWS, True)
        hints.colorSchemeChanged.connect(lambda scheme: _on_scheme(app, scheme))
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(theme, Qt.ColorScheme.Unknown)
    # Title bars and the system's own dialogs follow as well, where the platform can.
    hints.setColorScheme(wanted)
    _colour(app, wanted if theme != "system" else hints.colorScheme())


def _on_scheme(app: QApplication, scheme: Qt.ColorScheme) -> None:
    if app.property(_THEME) == "system":
        _colour(app, scheme)


def _colour(app: QApplication, scheme: Qt.ColorScheme) -> None:
    palette = theme_palette(scheme == Qt.ColorScheme.Dark)
    app.setPalette(palette)
    QToolTip.setPalette(palette)
