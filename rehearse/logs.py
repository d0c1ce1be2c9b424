"""Errors in the functions' logs."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_BAD: Final = frozenset({"ERROR", "CRITICAL", "ALERT", "EMERGENCY"})
_LONGEST = 160


def errors(logs: Iterable[Path]) -> Counter[str]:
    """Lines of an error's severity, and tracebacks outside of such lines, by log and message."""
    found: Counter[str] = Counter()
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            if message := _error(line):
                found[f"{log.stem}: {message[:_LONGEST]}"] += 1
    return found


def _error(line: str) -> str:
    """The message of a line that reports an error; empty for any other."""
    if not line.startswith("{"):
        return line if line.startswith("Traceback ") else ""
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    return str(entry.get("message", "")).split("\n", 1)[0] if entry.get("severity") in _BAD else ""
