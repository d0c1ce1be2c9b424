"""`python -m deploy`: what the Makefile calls."""

import argparse
import sys

from deploy import run
from deploy.errors import DeployError
from devstack.console import Steps
from devstack.errors import StackError


def main() -> int:
    """The exit code: 0 unless something went wrong, which is then said in sentences."""
    chosen = _parser().parse_args()
    steps = Steps()
    try:
        _do(chosen, steps)
    except (DeployError, StackError) as error:
        for line in str(error).splitlines():
            steps.error(line)
        return 1
    except KeyboardInterrupt:
        steps.error("Stopped. It may be run again: what was done is found, and the rest is done.")
        return 130
    return 0


def _do(chosen: argparse.Namespace, steps: Steps) -> None:
    if chosen.command == "package":
        run.package(steps)
        return
    target = run.Target(chosen.project, chosen.region, chosen.environment)
    if chosen.command == "deploy":
        run.deploy(steps, target, run.asked, chosen.yes)
    elif chosen.command == "smoke":
        run.again(steps, target)
    elif chosen.command == "rollback":
        run.roll_back(steps, target, chosen.version, run.asked, chosen.yes)
    elif chosen.command == "rotate":
        run.rotate(steps, target, chosen.secret, chosen.drop_old)
    else:
        run.destroy(steps, target, run.asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description="The CRM in Google Cloud.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("package", help="make the zip of every function")
    for name, help_ in (
        ("deploy", "bring this checkout into a project; safe to run again"),
        ("smoke", "ask an installation whether it works"),
        ("rollback", "give the traffic to a version that was deployed before"),
        ("rotate", "give a secret another value"),
        ("destroy", "delete everything, after asking twice"),
    ):
        command = commands.add_parser(name, help=help_)
        command.add_argument("--project", default="")
        command.add_argument("--region", default="")
        command.add_argument(
            "--environment", default="", help="file of variables, where it is not the project's name"
        )
        if name in ("deploy", "rollback"):
            command.add_argument("--yes", action="store_true", help="do not ask")
        if name == "rollback":
            command.add_argument("--version", default="", help="where it is not the one before")
        if name == "rotate":
            command.add_argument("--secret", required=True)
            command.add_argument("--drop-old", action="store_true", help="only the newest value counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
