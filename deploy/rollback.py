"""Another deployed version, older or newer, takes the traffic: nothing is built, and it takes seconds.

Cloud Run keeps the revisions that were deployed, and Hosting the versions of the web app. A deployment gives
each its version; here traffic moves to those of the version that is wanted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.config import PREFIX
from crm.topology import PUSHES
from deploy.errors import DeployError
from deploy.google import Google
from deploy.smoke import Place
from deploy.version import label

VARIABLE = f"{PREFIX}VERSION"


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of a function's service that can take traffic."""

    name: str
    version: str
    created: str


@dataclass(frozen=True, slots=True)
class Service:
    """What Cloud Run has of a function. `serving` is the version that most calls reach."""

    path: str
    revisions: Sequence[Revision]
    serving: str

    def newest(self, version: str) -> Revision | None:
        """The newest revision of a version."""
        found = [each for each in self.revisions if each.version == version]
        return max(found, key=lambda each: each.created, default=None)


def services(google: Google, place: Place, functions: Sequence[str]) -> Mapping[str, Service]:
    """What Cloud Run has of each function. Raises DeployError."""
    return {function: _service(google, place.path("services", function)) for function in functions}


def choose(found: Mapping[str, Service], wanted: str) -> str:
    """The version to go to: `wanted`, or else the newest that was deployed before what serves now.

    Raises DeployError unless every function has it.
    """
    created: dict[str, str] = {}
    for service in found.values():
        for revision in service.revisions:
            created[revision.version] = max(created.get(revision.version, ""), revision.created)
    complete = [
        version
        for version in sorted(created, key=created.__getitem__, reverse=True)
        if all(service.newest(version) for service in found.values())
    ]
    serving = {service.serving for service in found.values()}
    known = ", ".join(f"{each} (serving)" if each in serving else each for each in complete) or "none"
    if wanted:
        if wanted not in complete:
            raise DeployError(f"Not every function has a revision of {wanted}. Complete versions: {known}.")
        return wanted
    oldest = min((created.get(each, "") for each in serving), default="")
    before = [version for version in complete if created[version] < oldest]
    if not before:
        raise DeployError(
            f"No complete version is older than what serves now. Name one, VERSION=…, of: {known}."
        )
    return before[0]


def page_of(google: Google, site: str, version: str) -> str:
    """The web app's version on Hosting by its resource name; empty if Hosting has none of `version`."""
    for each in _pages(google, "hosting", f"sites/{site}/versions", "versions"):
        if each.get("status") == "FINALIZED" and each.get("labels", {}).get("version") == label(version):
            return str(each["name"])
    return ""


def show(google: Google, site: str, page: str) -> None:
    """Let a version of the web app be live again."""
    google.post("hosting", f"sites/{site}/releases?versionName={page}", {})


def shift(google: Google, found: Mapping[str, Service], version: str) -> None:
    """Give all traffic to the newest revisions of `version`. Raises DeployError; may be run again.

    What only publishes moves before what takes pushes: then nothing old has to read for long what something
    new writes.
    """
    taking = {push.function for push in PUSHES}
    for takes_pushes in (False, True):
        group = [service for name, service in found.items() if (name in taking) is takes_pushes]
        for operation in [_to(google, service, version) for service in group]:
            google.wait("run", operation)


def _to(google: Google, service: Service, version: str) -> dict[str, Any]:
    revision = service.newest(version)
    assert revision is not None  # `choose` has seen to it
    by_revision = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
    target = {"type": by_revision, "revision": revision.name, "percent": 100}
    return google.patch("run", f"{service.path}?updateMask=traffic", {"traffic": [target]})


def _service(google: Google, path: str) -> Service:
    service = google.get("run", path)
    if service is None:
        raise DeployError(f"There is no service {path}: deploy first.")
    revisions = list(_revisions(google, path))
    shares: list[dict[str, Any]] = service.get("trafficStatuses", [])
    empty: dict[str, Any] = {}
    most = max(shares, key=lambda each: each.get("percent", 0), default=empty)
    name = str(most.get("revision") or service.get("latestReadyRevision", "")).rpartition("/")[2]
    serving = next((each.version for each in revisions if each.name == name), "")
    return Service(path, revisions, serving)


def _revisions(google: Google, path: str) -> Iterator[Revision]:
    for each in _pages(google, "run", f"{path}/revisions", "revisions"):
        states = {one.get("type"): one.get("state") for one in each.get("conditions", [])}
        variables = {one["name"]: one.get("value", "") for one in each["containers"][0].get("env", [])}
        if VARIABLE in variables and states.get("Ready") != "CONDITION_FAILED":
            yield Revision(each["name"].rpartition("/")[2], variables[VARIABLE], each["createTime"])


def _pages(google: Google, service: str, path: str, field: str) -> Iterator[dict[str, Any]]:
    token = ""
    while True:
        found = google.get(service, f"{path}?pageSize=100&pageToken={token}") or {}
        yield from found.get(field, [])
        token = found.get("nextPageToken", "")
        if not token:
            return
