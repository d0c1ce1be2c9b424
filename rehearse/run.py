"""One rehearsal: makes the packages of two releases, starts them, and plays its parts one after the other."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from deploy.buildpack import Unpacked, unpack_sharing
from deploy.errors import DeployError
from devstack import signals
from devstack.errors import StackError
from devstack.paths import ROOT
from prove.callers import Refused
from prove.trouble import messages
from rehearse import releases
from rehearse.releases import Release
from rehearse.stage import Stage, staged
from rehearse.table import Report
from rehearse.upgrade import FULL, SHORT, rehearse_upgrade

ENVIRONMENTS: Final = ROOT / ".cache" / "environments"
"""Virtual environments by what is locked in them."""

SECONDS: Final = 600.0
"""How long one part may take."""


def rehearse(report: Report, folder: Path, previous: str, only_upgrade: bool) -> None:
    """Rehearse the upgrade from `previous`, a tag or commit, to this checkout, with logs and data in
    `folder`. Raises DeployError, StackError. Leaves nothing running."""
    old, new = _releases(report, folder, previous)
    packages = _unpacked(report, folder, (old, new))
    with _started(report, folder / "upgrade", packages) as stage:
        size = SHORT if only_upgrade else FULL
        _play(rehearse_upgrade(stage, report, old.version, new.version, size))


def _releases(report: Report, folder: Path, previous: str) -> tuple[Release, Release]:
    with report.checking("packages", "each release is packaged by its own code") as line:
        old = releases.of_commit(previous or releases.newest_tag())
        new = releases.of_this_checkout(folder / "packages")
        if old.version == new.version:
            raise DeployError(f"{old.version} is this checkout. Name an earlier tag or commit.")
        size = sum(file.stat().st_size for each in (old, new) for file in each.packages.values()) / 1e6
        line.judge(f"{old.version} → {new.version}, {size:.0f} MB together")
    return old, new


def _unpacked(
    report: Report, folder: Path, both: tuple[Release, Release]
) -> Mapping[str, Mapping[str, Unpacked]]:
    with report.checking("environments", "each package gets what it locks, and no more") as line:
        made = {
            release.version: {
                name: unpack_sharing(name, file, folder / "unpacked" / release.version / name, ENVIRONMENTS)
                for name, file in release.packages.items()
            }
            for release in both
        }
        different = {each.environment for functions in made.values() for each in functions.values()}
        line.judge(f"{len(different)} for {sum(map(len, made.values()))} packages")
    return made


@contextmanager
def _started(report: Report, folder: Path, packages: Mapping[str, Mapping[str, Unpacked]]) -> Iterator[Stage]:
    with ExitStack() as running:
        with report.checking("start", "every package serves, as Cloud Run would start it") as line:
            stage = running.enter_context(staged(folder, packages, {}))
            line.judge(f"{len(stage.fleet.instances)} instances, variables of the local stack")
        yield stage


def _play(part: Coroutine[Any, Any, None]) -> None:
    """Play one part to its end. Raises StackError that says what went wrong."""

    async def timed() -> None:
        async with asyncio.timeout(SECONDS):
            await part

    try:
        signals.run_until_request(timed())
    except* TimeoutError as late:
        raise StackError(f"It was not over within {SECONDS:.0f} seconds.") from late
    except* (StackError, Refused) as group:
        raise StackError("; ".join(messages(group))) from group
