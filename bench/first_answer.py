"""A process that answers one preview and says what it took: `python -m bench.first_answer PROJECT`.

It imports what the campaigns function imports, reads the audience from the database that
FIRESTORE_EMULATOR_HOST names, and counts. Prints JSON.
"""

import time

BEGIN = time.perf_counter()

import asyncio  # noqa: E402  # the clock runs before the imports
import json  # noqa: E402
import sys  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from pathlib import Path  # noqa: E402

import functions_framework.aio  # noqa: E402, F401
from google.cloud.firestore import AsyncClient  # noqa: E402

import crm.entry.app  # noqa: E402, F401
from crm.audience.rules.parse import parse  # noqa: E402
from crm.audience.store.reader import AudienceReader  # noqa: E402
from crm.audience.usecases.preview import preview  # noqa: E402

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = {
    "combinator": "and",
    "rules": [
        {"field": "total_spend", "operator": ">", "value": 10_000},
        {"field": "visits", "operator": "<", "value": 3},
    ],
}


async def main(project: str) -> None:
    imported = time.perf_counter()
    reader = AudienceReader(AsyncClient(project=project))
    snapshot = await reader.snapshot()
    loaded = time.perf_counter()
    found = preview(snapshot, parse(RULES), NOW, UTC, "email")
    answered = time.perf_counter()
    await reader.snapshot()
    warm = time.perf_counter()
    print(
        json.dumps(
            {
                "imports": imported - BEGIN,
                "load": loaded - imported,
                "count": answered - loaded,
                "warm_read": warm - answered,
                "cpu": time.process_time(),
                "peak_mb": _memory("VmHWM"),
                "resident_mb": _memory("VmRSS"),
                "total": found.total,
                "matched": found.matched,
            }
        )
    )


def _memory(name: str) -> float:
    """MB of this process: VmRSS is what it has now, VmHWM the most it ever had."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
