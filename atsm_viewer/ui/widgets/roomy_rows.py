"""Rows with air between them, in lists and tables that are read."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

_LINES = 1.55


class _RoomyRows(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the usual width and one and a half lines of height."""
        usual = super().sizeHint(option, index)
        view = self.parent()
        line = view.fontMetrics().height() if isinstance(view, QAbstractItemView) else usual.height()
        return QSize(usual.width(), max(usual.height(), round(line * _LINES)))


def make_roomy(view: QAbstractItemView) -> None:
    """Give the rows of a list or table one and a half lines of height."""
    view.setItemDelegate(_RoomyRows(view))
