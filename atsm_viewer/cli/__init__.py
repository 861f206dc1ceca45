"""HEADLESS: the same use cases with an inline job runner and a console.

May import: ``app`` and ``domain``; never Qt, never ``io``, ``metrics`` or ``tools`` directly.
To add a subcommand: one file with ``NAME``, ``add_arguments`` and ``run``, and one line in ``SUBCOMMANDS``
of ``cli/main.py``. Exit codes: 0 done, 1 finished with errors in the data, 2 usage.
Guarded by: ``tests/unit/cli``, ``tests/architecture``.
"""
