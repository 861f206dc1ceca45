"""WHAT HAPPENS: use cases on one session, without Qt.

May import: ``domain``, ``io``, ``metrics``, ``tools``, ``operations``, ``render``; never ``ui`` or
``cli``. Windows and the command line run the same functions through an ``AppContext``.
To add a user action: one ``CommandSpec`` in ``app/commands``, listed in ``COMMANDS``.
Guarded by: ``tests/unit/app``, ``tests/contracts``, ``tests/architecture``.
"""
