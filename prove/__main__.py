"""`python -m prove`, which `make prove` runs. The exit code is 0 if every promise holds."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from devstack.errors import StackError
from devstack.signals import StopRequested
from prove import scenario
from prove.run import perform
from prove.table import table

FULL_SECONDS = 900.0
SHORT_SECONDS = 300.0
WIDTH = 120


def main() -> int:
    """Run, print one table, and say whether the promises hold."""
    parser = argparse.ArgumentParser(prog="python -m prove", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one campaign, a handful of kills")
    parser.add_argument("--seed", type=int, help="seed of all random choices; a new one each time by default")
    parser.add_argument("--seconds", type=float, help="how long until all work has to be finished")
    parser.add_argument("--keep", type=Path, help="keep logs and data in this folder")
    chosen = parser.parse_args()
    seed = chosen.seed if chosen.seed is not None else random.randrange(100_000)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    play, seconds = (scenario.short, SHORT_SECONDS) if chosen.short else (scenario.full, FULL_SECONDS)
    seconds = chosen.seconds or seconds
    console.print(f"Seed {seed}. Once the stack is ready, it ends within {seconds / 60:.0f} minutes.")
    with tempfile.TemporaryDirectory(prefix="crm-prove-") as folder:
        try:
            report = perform(play, chosen.keep or Path(folder), seed, seconds)
        except StackError as error:
            console.print(f"[red]✗[/] {error}", soft_wrap=True)
            return 1
        except StopRequested:
            return 1
    console.print(table(report))
    if report.findings:
        console.print(f"[red]It does not hold:[/] {' | '.join(report.findings)}", soft_wrap=True)
        return 1
    console.print("[green]It holds.[/]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
