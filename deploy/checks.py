"""What must be there before anything is done. Everything that is lacking is reported together."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import available_timezones

from deploy import terraform
from deploy.errors import DeployError
from deploy.google import Google, signed_in
from devstack.paths import ROOT

ENVIRONMENTS = ROOT / "infra" / "terraform" / "environments"
FREE_SERVICES = ("cloudbilling", "cloudresourcemanager", "serviceusage")
"""Interfaces that say whether the project is fit. They need no billing account."""

FIRST_SERVICES = (
    "artifactregistry",
    "cloudfunctions",
    "cloudscheduler",
    "firestore",
    "iam",
    "secretmanager",
    "storage",
)
"""Interfaces that are called before Terraform enables the others."""

REGIONAL = {
    "functions": "functions",
    "scheduler": "scheduler's jobs",
    "artifacts": "images",
    "secrets": "secrets",
}
"""Service → what it has in the region. Whoever has functions there has Cloud Run and buckets, too; topics are
everywhere."""

RIGHTS = (
    "artifactregistry.repositories.create",
    "cloudfunctions.functions.create",
    "cloudscheduler.jobs.create",
    "datastore.databases.create",
    "firebase.projects.update",
    "firebaserules.rulesets.create",
    "iam.roles.create",
    "iam.serviceAccounts.actAs",
    "iam.serviceAccounts.create",
    "logging.logEntries.list",
    "logging.logMetrics.create",
    "monitoring.alertPolicies.create",
    "monitoring.dashboards.create",
    "monitoring.notificationChannels.create",
    "monitoring.uptimeCheckConfigs.create",
    "pubsub.topics.create",
    "resourcemanager.projects.setIamPolicy",
    "run.services.setIamPolicy",
    "secretmanager.secrets.create",
    "secretmanager.versions.access",
    "secretmanager.versions.add",
    "serviceusage.services.enable",
    "storage.buckets.create",
)
"""What deploying takes that not everybody has who may look at a project."""

BUDGET_RIGHTS = ("billing.budgets.create", "billing.budgets.get", "billing.budgets.update")
"""What a budget takes, on the billing account."""

_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+")


def require_all(project: str, region: str, environment_name: str = "") -> tuple[Google, Path]:
    """Google and the file of variables, by default the one named after the project.

    Raises DeployError that lists everything that is lacking.
    """
    lacks = [lack for lack in (*_in_the_call(project, region), terraform.lacking()) if lack]
    environment = ENVIRONMENTS / f"{environment_name or project}.tfvars"
    if environment_name or project:
        lacks += _in_the_file(environment)
    google = None
    try:
        google = signed_in(project)
    except DeployError as error:
        lacks.append(str(error))
    if google is not None and not lacks:
        lacks += _in_the_project(google, region, environment)
    if lacks or google is None:
        raise DeployError("\n".join(lacks))
    return google, environment


def require_rights(google: Google) -> None:
    """Raise DeployError that names every right that is lacking to deploy."""
    tested = google.post("projects", f"projects/{google.project}:testIamPermissions", {"permissions": RIGHTS})
    lacking = sorted(set(RIGHTS) - set(tested.get("permissions", [])))
    if lacking:
        raise DeployError(
            f"The account of these credentials lacks rights in {google.project}: {', '.join(lacking)}. "
            "The role Owner has them all."
        )


def budget_account(google: Google) -> str:
    """The billing account of the project, as Terraform names it; empty for who may make no budget on it."""
    billing = google.get("billing", f"projects/{google.project}/billingInfo") or {}
    name = str(billing.get("billingAccountName", ""))
    if not name:
        return ""
    tested = google.post("billing", f"{name}:testIamPermissions", {"permissions": BUDGET_RIGHTS})
    return name.rpartition("/")[2] if set(tested.get("permissions", [])) >= set(BUDGET_RIGHTS) else ""


def _in_the_call(project: str, region: str) -> Iterator[str]:
    if not _PROJECT.fullmatch(project):
        yield "Name the Google Cloud project: PROJECT=my-project."
    if not _REGION.fullmatch(region):
        yield "Name the region: REGION=europe-west1."


def _in_the_file(environment: Path) -> Iterator[str]:
    if not environment.exists():
        yield (
            f"{environment.relative_to(ROOT)} is missing. Copy small.tfvars or large.tfvars to it, "
            "and fill in the OAuth client."
        )
        return
    if not _has_client(environment):
        yield (
            f"{environment.relative_to(ROOT)} names no OAuth client. "
            "docs/operations.md says how to make one; its id goes to oauth_client_id."
        )
    zone = terraform.setting(environment, "time_zone")
    if zone and zone not in available_timezones():
        yield f"{environment.name}: no time zone is called {zone}. One is Europe/Berlin."


def _has_client(environment: Path) -> bool:
    client = terraform.setting(environment, "oauth_client_id")
    return client.endswith(".apps.googleusercontent.com") and not client.startswith("replace-me")


def _in_the_project(google: Google, region: str, environment: Path) -> Iterator[str]:
    project = google.project
    try:
        _enable(google, FREE_SERVICES)
        billing = google.get("billing", f"projects/{project}/billingInfo") or {}
        if not billing.get("billingEnabled"):
            yield f"The project {project} has no billing account. Link one in the console: Billing."
            return
        _enable(google, FIRST_SERVICES)
        yield from _in_the_region(google, region, environment)
    except DeployError as error:
        yield f"The project {project} cannot be worked with: {error}"


def _in_the_region(google: Google, region: str, environment: Path) -> Iterator[str]:
    for service, what in REGIONAL.items():
        if region not in (regions := _locations(google, service)):
            yield f"Google has no {what} in the region {region}. It has in: {', '.join(regions)}."
    wanted = terraform.setting(environment, "firestore_location") or region
    if wanted not in (places := _locations(google, "firestore")):
        yield f"Google has no database in {wanted}. It has in: {', '.join(places)}."


def _locations(google: Google, service: str) -> list[str]:
    found = google.get(service, f"projects/{google.project}/locations?pageSize=500") or {}
    return sorted(each["locationId"] for each in found.get("locations", []))


def _enable(google: Google, services: Iterable[str]) -> None:
    names = [f"{service}.googleapis.com" for service in services]
    path = f"projects/{google.project}/services:batchEnable"
    google.wait("services", google.post("services", path, {"serviceIds": names}))
