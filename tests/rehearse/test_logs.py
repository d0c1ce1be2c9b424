"""Which lines of a log count as errors."""

import json
from pathlib import Path

from rehearse.logs import errors


def test_errors_and_tracebacks_count_and_nothing_else(tmp_path: Path) -> None:
    lines = [
        json.dumps({"severity": "INFO", "message": "instance started"}),
        json.dumps({"severity": "WARNING", "message": "a vendor call is repeated"}),
        json.dumps({"severity": "ERROR", "message": "the call failed\nTraceback …"}),
        json.dumps({"severity": "ERROR", "message": "the call failed\nTraceback …"}),
        "Traceback (most recent call last):",
        '{"severity": "ERROR", cut off',
    ]
    log = tmp_path / "crm-deliver-v1.log"
    log.write_text("\n".join(lines))

    assert errors([log]) == {
        "crm-deliver-v1: the call failed": 2,
        "crm-deliver-v1: Traceback (most recent call last):": 1,
    }
