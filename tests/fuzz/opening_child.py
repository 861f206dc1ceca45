"""Opens files one after the other as the program does, and writes down how each ended, how long it took.

Arguments: a file of paths (one per line), where the answer goes (JSON), and a good compressed file that
wakes the decoder before each of them, so that its start is not counted. Runs in a process of its own,
so that a crash is seen and memory can be measured.
"""

import json
import resource
import sys
import time
from pathlib import Path


def peak_mb() -> float:
    """Largest memory of this process so far, MB.

    Linux tells it in VmHWM; ru_maxrss would start with the memory of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [x for x in status.read_text().splitlines() if x.startswith("VmHWM")]
        return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def open_one(path: Path) -> str:
    from atsm_viewer.app.study_loading import catalogue_of
    from atsm_viewer.domain.errors import AtsmError
    from atsm_viewer.io.read_series import read_series

    try:
        catalogue, _pairs = catalogue_of([path])
        for entry in catalogue.series:
            if entry.suitable:
                read_series(entry)
    except AtsmError as error:
        return f"refused: {error} [{error.detail}]"
    except Exception as error:  # noqa: BLE001 - any other exception is what the tests look for
        return f"DEFECT {type(error).__name__}: {error}"
    return "data"


def main() -> None:
    from atsm_viewer.io.dicom.decoder import DECODERS

    answers = []
    for line in Path(sys.argv[1]).read_text().splitlines():
        DECODERS.decode(Path(sys.argv[3]))
        start = time.perf_counter()
        outcome = open_one(Path(line))
        seconds = time.perf_counter() - start
        answers.append({"path": line, "outcome": outcome, "seconds": seconds, "peak_mb": peak_mb()})
        Path(sys.argv[2]).write_text(json.dumps({"files": answers, "decoder_mb": 0}))
    DECODERS.close()
    decoder_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    Path(sys.argv[2]).write_text(json.dumps({"files": answers, "decoder_mb": decoder_mb}))


if __name__ == "__main__":
    main()
