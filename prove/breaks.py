"""Break the product on purpose, one thing at a time, and check that `prove` notices.

`python -m prove.breaks` runs the short scenario on a copy of the project in which one thing is broken, and
prints a table; `--write docs/prove.md` puts it there; names select breaks. The exit code is 1 if a break
goes unnoticed, or if something is reported although nothing is broken.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstack.paths import ROOT
from prove.__main__ import SHORT_SECONDS

COPIED = ("crm", "functions", "devstack", "prove")
CONTROL = "nothing"
SEED = 4
BEGIN, END = "<!-- breaks -->\n", "<!-- end of breaks -->\n"


@dataclass(frozen=True, slots=True)
class Break:
    """Replaces `old`, which occurs once in `file`, by `new`; `what` says what that breaks."""

    what: str
    file: str = ""
    old: str = ""
    new: str = ""

    def applied(self, folder: Path) -> None:
        """Break the copy in `folder`. Raises ValueError unless `old` occurs exactly once."""
        if not self.file:
            return
        text = (folder / self.file).read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} does not contain exactly once: {self.old}")
        (folder / self.file).write_text(text.replace(self.old, self.new))


_LATER = '__import__("asyncio").ensure_future'

BREAKS: Mapping[str, Break] = {
    CONTROL: Break("nothing (control)"),
    "202-before-broker": Break(
        "systems get a 202 before the broker has their records",
        "functions/ingest/main.py",
        "await packs().submit(records)",
        f"{_LATER}(packs().submit(records))",
    ),
    "ack-before-commit": Break(
        "records are acknowledged before their commit",
        "functions/consumer/main.py",
        "await commits().submit(await asyncio.to_thread(unpack, message.data, message.attributes))",
        f"{_LATER}(commits().submit(unpack(message.data, message.attributes)))",
    ),
    "new-ids": Break(
        "a message gets a new id, and so a new idempotency key, at each attempt",
        "crm/delivery/plan.py",
        "message_id(campaign.campaign_id, key, chunk.retry_round)",
        "message_id(campaign.campaign_id, key, chunk.attempts)",
    ),
    "counters-apart": Break(
        "counters are written in a later commit than their rows",
        "crm/delivery/store/chunk_leases.py",
        "        counters.add(commit, chunk.campaign_id, chunk.shard, groups)\n"
        "        await self._update(commit, claim, done)\n",
        "        apart = Commit(self._client)\n"
        "        counters.add(apart, chunk.campaign_id, chunk.shard, groups)\n"
        "        await self._update(commit, claim, done)\n        await apart.send()\n",
    ),
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a run reported of a break: its findings, empty if all promises held."""

    name: str
    findings: Sequence[str]
    seconds: float

    @property
    def is_wrong(self) -> bool:
        return bool(self.findings) == (self.name == CONTROL)


def look_for(name: str, seconds: float) -> Result:
    """Run the short scenario against one break; all work has to be finished within `seconds`."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crm-prove-break-") as place:
        folder = Path(place)
        for part in COPIED:
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        BREAKS[name].applied(folder)
        command = [sys.executable, "-m", "prove", "--short", "--seed", str(SEED), "--seconds", str(seconds)]
        environment = {**os.environ, "PYTHONPATH": place}
        run = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    said = re.search(r"^It does not hold: (.+)$", run.stdout, re.MULTILINE)
    if said is None and run.returncode != 0:
        raise RuntimeError(f"The run ended without a table: {run.stdout[-2000:]}{run.stderr[-2000:]}")
    # Figures differ at each reading: without them a repeated finding is reported once.
    findings = re.sub(r": \{[^}]*\}", "", said[1]).split(" | ") if said else []
    return Result(name, list(dict.fromkeys(findings)), time.monotonic() - began)


def table(results: Sequence[Result]) -> str:
    """The results in Markdown."""
    lines = ["| what is broken | where | noticed, by |", "|---|---|---|"]
    for result in results:
        broken = BREAKS[result.name]
        where = f" `{broken.file}` " if broken.file else " "
        noticed = f"yes: {'; '.join(result.findings[:2])}" if result.findings else "no: it holds"
        lines.append(f"| {broken.what} |{where}| {noticed} |")
    return "\n".join([*lines, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description="Break the product on purpose and check that it is noticed.")
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(BREAKS)}")
    parser.add_argument("--write", type=Path, help="a document whose table is to be replaced")
    chosen = parser.parse_args()
    results: list[Result] = []
    for name in [CONTROL, *(name for name in chosen.names or BREAKS if name != CONTROL)]:
        # A broken product may never finish its work: it gets twice the time of the control.
        seconds = 2 * results[0].seconds if results else SHORT_SECONDS
        result = look_for(name, seconds)
        results.append(result)
        print(f"{name}: {'; '.join(result.findings) or 'NOTHING'} ({result.seconds:.0f} s)", flush=True)
    if chosen.write:
        text = chosen.write.read_text()
        head, tail = text.split(BEGIN)[0], text.split(END)[1]
        chosen.write.write_text(head + BEGIN + table(results) + END + tail)
    return int(any(result.is_wrong for result in results))


if __name__ == "__main__":
    sys.exit(main())
