"""THE ONLY QT ROOM: windows, panels, dialogs, views and widgets.

May import: ``app``, ``render``, ``domain``, PySide6, pyqtgraph; never ``io``, ``metrics``, ``tools`` or
``operations`` directly. Storeys inside: application, main_window, panels | dialogs | views, widgets,
bridge. To add a panel: one file in ``panels`` and one line in ``PANELS``.
Guarded by: ``tests/gui``, ``tests/screenshots``, ``tests/architecture``.
"""
