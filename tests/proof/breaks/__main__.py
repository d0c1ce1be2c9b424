"""Break delivery on purpose, one thing at a time, and check that the state machine notices.

`python -m tests.proof.breaks` prints a table; `--write docs/proof.md` puts it there; names choose breaks.
Each break runs up to `EXAMPLES` examples, always the same ones. The exit code is 1 where one goes unnoticed
that has no excuse, or where something is noticed though nothing is broken.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import repeat
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from crm.customers.customer_key import use_secret
from tests.proof.breaks.all_breaks import BREAKS, CONTROL, Break
from tests.proof.moves import Delivery
from tests.proof.world import small_sizes
from tests.support import ID_KEY

EXAMPLES = 600
STEPS = 30
BEGIN, END = "<!-- table -->\n", "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Result:
    """`finding` is what the machine reported, or None; after how many examples and seconds."""

    name: str
    finding: str | None
    examples: int
    seconds: float


def look_for(name: str, most: int) -> Result:
    """Run the machine against one break, for up to `examples` examples."""
    use_secret(ID_KEY)  # in each process
    examples = 0

    class Counted(Delivery):
        def __init__(self) -> None:
            nonlocal examples
            examples += 1
            super().__init__()

    began = time.monotonic()
    finding = None
    with small_sizes(), BREAKS[name].applied(), redirect_stdout(StringIO()):
        try:
            run_state_machine_as_test(Counted, settings=_settings(most))
        except TypeError:  # the break itself does not fit what it breaks
            raise
        except Exception as error:  # whatever it is, it was noticed
            finding = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return Result(name, finding, examples, time.monotonic() - began)


def _settings(most: int) -> settings:
    return settings(
        max_examples=most,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )


def table(results: Sequence[Result]) -> str:
    """The results in Markdown."""
    lines = ["| what is broken | noticed | by | examples |", "|---|---|---|---|"]
    for result in results:
        made = BREAKS[result.name]
        said = _plain(result.finding) if result.finding else made.excuse or "**nothing**"
        noticed = "yes" if result.finding else "no"
        lines.append(f"| {made.what} | {noticed} | {said} | {result.examples:,} |")
    broken = [result for result in results if result.name != CONTROL]
    caught = sum(result.finding is not None for result in broken)
    return "\n".join([*lines, "", f"{caught} of {len(broken)} are noticed.", ""])


def _plain(finding: str) -> str:
    short = finding.split(": Campaign(")[0]
    short = short if len(short) <= 120 else short[:117] + "…"
    return short.replace("|", "\\|")


def is_wrong(result: Result, broken: Break) -> bool:
    """Whether a break goes unnoticed without an excuse, or the control is not clean."""
    if result.name == CONTROL:
        return result.finding is not None
    return result.finding is None and broken.excuse is None


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description="Break delivery on purpose and see what notices.")
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(BREAKS)}")
    parser.add_argument("--write", type=Path, help="a document whose table is replaced")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    given = parser.parse_args()
    names = given.names or list(BREAKS)
    results: list[Result] = []
    with ProcessPoolExecutor(given.processes) as pool:
        for result in pool.map(look_for, names, repeat(given.examples)):
            said = result.finding or "NOTHING NOTICED"
            tell(f"{result.name}: {said} ({result.examples} examples, {result.seconds:.0f} s)")
            results.append(result)
    if given.write:
        text = given.write.read_text()
        head, tail = text.split(BEGIN)[0], text.split(END)[1]
        given.write.write_text(head + BEGIN + table(results) + END + tail)
    else:
        tell(table(results))
    return int(any(is_wrong(result, BREAKS[result.name]) for result in results))


if __name__ == "__main__":
    sys.exit(main())
