"""One rehearsal: makes the packages of two releases, starts them, and runs its parts one after the other."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from crm.topology import FUNCTIONS
from deploy import smoke
from deploy.buildpack import Unpacked, unpack
from deploy.errors import DeployError, TerraformMissing
from deploy.offline_plan import planned
from devstack import build, signals
from devstack.errors import StackError
from devstack.paths import ROOT
from prove.callers import Refused
from prove.trouble import messages
from rehearse import releases
from rehearse.recovery import rehearse_recovery
from rehearse.releases import Release
from rehearse.stage import Plan, Stage, staged
from rehearse.table import Report
from rehearse.upgrade import FULL, SHORT, rehearse_upgrade

ENVIRONMENTS: Final = ROOT / ".cache" / "environments"
"""Virtual environments by what is locked in them."""

ENVIRONMENT: Final = "small"
"""An installation with the simulated vendor; see infra/terraform/environments."""

SECONDS: Final = 600.0
"""How long one part may take."""


def rehearse(report: Report, folder: Path, previous: str, only_upgrade: bool) -> None:
    """Rehearse the upgrade from `previous`, a tag or commit, to this checkout, with logs and data in
    `folder`. Raises DeployError, StackError. Leaves nothing running."""
    old, new = _releases(report, folder, previous)
    packages = _unpacked(report, folder, (old, new))
    plans = {} if only_upgrade else _plans(report, folder / "plans", (old, new))
    with _started(report, folder / "upgrade", packages, plans) as stage:
        size = SHORT if only_upgrade else FULL
        _run(rehearse_upgrade(stage, report, old.version, new.version, size))
        if not only_upgrade:
            _run_smoke(report, folder, stage, new.version)
    if not only_upgrade:
        newest = {new.version: packages[new.version]}
        with _started(report, folder / "recovery", newest, plans) as stage:
            _run(rehearse_recovery(stage, report, new.version))


def _releases(report: Report, folder: Path, previous: str) -> tuple[Release, Release]:
    with report.checking("packages", "each release is packaged by its own code") as line:
        old = releases.of_commit(previous or releases.newest_tag())
        new = releases.of_this_checkout(folder / "packages")
        if old.version == new.version:
            raise DeployError(f"{old.version} is this checkout. Name an earlier tag or commit.")
        size = sum(file.stat().st_size for each in (old, new) for file in each.packages.values()) / 1e6
        line.record(f"{old.version} → {new.version}, {size:.0f} MB together")
    return old, new


def _unpacked(
    report: Report, folder: Path, both: tuple[Release, Release]
) -> Mapping[str, Mapping[str, Unpacked]]:
    with report.checking("environments", "each package gets what it locks, and no more") as line:
        unpacked = {
            release.version: {
                name: unpack(name, file, folder / "unpacked" / release.version / name, ENVIRONMENTS)
                for name, file in release.packages.items()
            }
            for release in both
        }
        different = {each.environment for functions in unpacked.values() for each in functions.values()}
        line.record(f"{len(different)} for {sum(map(len, unpacked.values()))} packages")
    return unpacked


def _plans(report: Report, folder: Path, both: tuple[Release, Release]) -> Mapping[str, Plan]:
    """The variables of each release by its own Terraform; none where there is no Terraform."""
    with report.checking("variables", f"Terraform plans them for the environment {ENVIRONMENT}") as line:
        try:
            outcomes = {
                each.version: planned(each.terraform, folder / each.version, ENVIRONMENT) for each in both
            }
        except TerraformMissing as error:
            line.record(f"not planned, so those of the local stack are used: {error}")
            return {}
        plans = {
            version: {name: outcome.variables(name) for name in outcome.functions}
            for version, outcome in outcomes.items()
        }
        line.record(" and ".join(str(sum(map(len, plan.values()))) for plan in plans.values()))
    return plans


@contextmanager
def _started(
    report: Report,
    folder: Path,
    packages: Mapping[str, Mapping[str, Unpacked]],
    plans: Mapping[str, Plan],
) -> Iterator[Stage]:
    with ExitStack() as running:
        with report.checking("start", "every package serves, as Cloud Run would start it") as line:
            stage = running.enter_context(staged(folder, packages, plans))
            source = "Terraform's plan" if plans else "the local stack"
            line.record(f"{len(stage.fleet.instances)} instances, variables of {source}")
        yield stage


def _run_smoke(report: Report, folder: Path, stage: Stage, version: str) -> None:
    """Make those checks of `make smoke` that do not ask Google."""
    with report.checking("smoke", "what `make smoke` asks from outside") as line:
        build.web(folder)
        outputs = {
            "url": stage.ports.url,
            "ingest_url": f"{stage.ports.url}/api/v1/ingest",
            "function_urls": {name: stage.ports.function(name) for name in FUNCTIONS},
            "open_functions": FUNCTIONS,
        }
        deployed = smoke.Deployed((build.DIST / "index.html").read_bytes(), {})
        passed = smoke.run_outside(outputs, deployed, version, patience=30.0)
        line.record(f"{len(passed)} checks")


def _run(part: Coroutine[Any, Any, None]) -> None:
    """Run one part to its end. Raises StackError that says what went wrong."""

    async def timed() -> None:
        async with asyncio.timeout(SECONDS):
            await part

    try:
        signals.run_until_request(timed())
    except* TimeoutError as late:
        raise StackError(f"It was not over within {SECONDS:.0f} seconds.") from late
    except* (StackError, Refused) as group:
        raise StackError("; ".join(messages(group))) from group
