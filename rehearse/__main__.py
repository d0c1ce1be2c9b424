"""`python -m rehearse`, which `make rehearse` runs. The exit code is 0 if everything holds."""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from deploy.errors import DeployError
from devstack import signals
from devstack.console import Steps
from devstack.errors import StackError
from devstack.signals import StopRequested
from rehearse import run
from rehearse.table import Report, table

WIDTH = 140


def main() -> int:
    """Rehearse, print one table, and say whether everything holds."""
    parser = argparse.ArgumentParser(prog="python -m rehearse", description=__doc__)
    parser.add_argument(
        "--from", dest="previous", default="", help="tag or commit to upgrade from; the newest tag by default"
    )
    parser.add_argument("--only", choices=["upgrade"], help="the upgrade alone, with few customers")
    parser.add_argument("--keep", type=Path, help="keep logs and data in this folder")
    chosen = parser.parse_args()
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    report = Report(Steps())
    signals.raise_on_request()
    with tempfile.TemporaryDirectory(prefix="crm-rehearse-") as folder:
        try:
            run.rehearse(report, chosen.keep or Path(folder), chosen.previous, chosen.only == "upgrade")
        except (DeployError, StackError) as error:
            report.steps.error(str(error))
            console.print(table(report))
            return 1
        except StopRequested:
            return 1
    console.print(table(report))
    console.print("[green]It holds.[/]" if report.holds else "[red]It does not hold.[/]")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
