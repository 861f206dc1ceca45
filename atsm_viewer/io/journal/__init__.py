"""THE JOURNAL: every applied edit on disk within a second; a crash costs the stroke in the air at most.

``framing`` cuts a file into checksummed records; ``values`` turns edits and sessions into records by
their names and fields; ``journal_file`` is what touches the disk; ``writer`` is the thread that writes;
``reader`` tells what a journal holds and builds the session again; ``instance_lock`` tells the living
from the dead. A journal is a matter of one person on one machine, so it may name absolute paths.

May import: ``domain``, ``io.project`` (codec, errors, meta), the rest of ``io``.
To add a kind of edit: nothing here; being listed in ``domain.edits.EDITS`` is enough, unless it
holds images: then say in ``values`` what stands for it.
Guarded by: ``tests/unit/io/journal``, ``tests/contracts/test_edits_contract.py``,
``tests/properties/test_journal_replay.py``, ``tests/fuzz/test_fuzz_journal.py``,
``tests/fuzz/test_kill_recovery.py``, ``tests/benchmarks/test_bench_journal.py``.
"""
