"""WHAT THINGS ARE: frozen values and arithmetic.

May import: numpy and the standard library, nothing else, and no other room.
To add one: one public concept per file, named as the file; frozen slotted dataclasses; arrays
are made read-only on entry. Names come from ``GLOSSARY.md``.
Guarded by: ``tests/unit/domain``, ``tests/properties``, ``tests/architecture``.
"""
