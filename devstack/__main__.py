"""`python -m devstack`: what the Makefile calls."""

import argparse
import sys
from pathlib import Path

from crm.kernel.errors import CrmError
from devstack import build, openapi, requirements, roles, site
from devstack.console import Steps
from devstack.errors import StackError
from devstack.paths import ROOT, state_folder
from devstack.run import reset, run

_VARIABLES = """\
environment variables:
  CRM_PORT               port of the gateway (8080)
  CRM_STATE              folder for data, logs and secrets (.local)
  CRM_KEEP_EVERY         seconds between two times that the data is kept (60)
  CRM_SAMPLE_CUSTOMERS   customers loaded on first start (2000), 0 for none
  CRM_FIRESTORE_MEMORY   heap of the Firestore emulator (3g); CRM_PUBSUB_MEMORY likewise (1g)
  CRM_FIRESTORE_JAR, CRM_PUBSUB_JAR   the emulators' jars, where they are not found by themselves
  CRM_EMULATOR_DOWNLOADS where to download the emulators from
  CRM_GEMINI_KEY         lets Gemini write summaries
  every other CRM_… variable of crm/config.py that is a knob, for example CRM_FAILURE_RATE=0.5
"""


def main() -> int:
    """The exit code: 0 unless something went wrong, which is then said in a sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m devstack",
        description="The CRM on this machine: emulators, functions, gateway, web app.",
        epilog=_VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything, until Ctrl-C")
    commands.add_parser("reset", help="forget all local data")
    commands.add_parser("requirements", help="resolve what each function is deployed with")
    commands.add_parser("openapi", help="write the web app's API to web/openapi.json, and its types")
    commands.add_parser("roles", help="write docs/roles.md: who may call which route")
    commands.add_parser("site", help="lay out the pages of the documentation's site")
    npm = commands.add_parser("npm", help="run npm for the web app, its packages installed")
    npm.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    steps = Steps()
    try:
        if chosen.command == "run":
            run(steps)
        elif chosen.command == "reset":
            reset(steps)
        elif chosen.command == "requirements":
            requirements.write(ROOT, Path(sys.executable).parent / "uv")
        elif chosen.command == "openapi":
            openapi.write()
            return build.npm(["run", "generate"], state_folder() / "logs")
        elif chosen.command == "roles":
            roles.write()
        elif chosen.command == "site":
            site.lay_out(ROOT, site.PAGES, state_folder() / "logs")
        else:
            return build.npm(chosen.arguments, state_folder() / "logs")
    except (StackError, CrmError) as error:
        steps.error(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
