"""`python -m rehearse`, which `make rehearse` runs. The exit code is 0 if everything holds."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse, print one table, and say whether everything holds."""
    parser = argparse.ArgumentParser(prog="python -m rehearse", description=__doc__)
    parser.add_argument(
        "--from", dest="previous", default="", help="tag or commit to upgrade from; the newest tag by default"
    )
    parser.add_argument(
        "--only", choices=["upgrade"], help="one upgrade and its rollback, with few customers"
    )
    parser.add_argument("--keep", type=Path, help="keep logs and data in this folder, which is new or empty")
    chosen = parser.parse_args(arguments)
    if chosen.keep and chosen.keep.exists() and (not chosen.keep.is_dir() or any(chosen.keep.iterdir())):
        parser.error(f"{chosen.keep} is not an empty folder. Name another one for --keep, or empty it.")
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
            return 1
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            report.steps.error(f"{type(error).__name__}: {error}")
            return 1
        except StopRequested:
            return 1
        finally:
            console.print(table(report))
    console.print("[green]It holds.[/]" if report.holds else "[red]It does not hold.[/]")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
