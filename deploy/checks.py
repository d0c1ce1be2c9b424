"""What must be there before anything is done: everything that is lacking is said at once."""

import re
from collections.abc import Iterator
from pathlib import Path

from deploy import terraform
from deploy.errors import DeployError
from deploy.google import Google, signed_in
from devstack.paths import ROOT

ENVIRONMENTS = ROOT / "infra" / "terraform" / "environments"
FIRST_SERVICES = ("cloudbilling", "cloudresourcemanager", "iam", "secretmanager", "serviceusage", "storage")
"""Interfaces that are called before Terraform enables the others."""

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
        lacks += _in_the_project(google)
    if lacks or google is None:
        raise DeployError("\n".join(lacks))
    return google, environment


def _in_the_call(project: str, region: str) -> Iterator[str]:
    if not _PROJECT.fullmatch(project):
        yield "Name the Google Cloud project: PROJECT=my-project."
    if not _REGION.fullmatch(region):
        yield "Name the region: REGION=europe-west1."


def _in_the_file(environment: Path) -> Iterator[str]:
    if not environment.exists():
        yield (
            f"{environment.relative_to(ROOT)} is missing. Copy small.tfvars or large.tfvars beside it, "
            "and fill in the OAuth client."
        )
    elif not _has_client(environment):
        yield (
            f"{environment.relative_to(ROOT)} names no OAuth client. "
            "docs/operations.md tells how to make one; its id goes to oauth_client_id."
        )


def _has_client(environment: Path) -> bool:
    client = terraform.setting(environment, "oauth_client_id")
    return client.endswith(".apps.googleusercontent.com") and not client.startswith("replace-me")


def _in_the_project(google: Google) -> Iterator[str]:
    project = google.project
    try:
        names = [f"{service}.googleapis.com" for service in FIRST_SERVICES]
        enabling = google.post("services", f"projects/{project}/services:batchEnable", {"serviceIds": names})
        google.wait("services", enabling)
        if google.get("projects", f"projects/{project}") is None:
            yield f"There is no project {project}."
        billing = google.get("billing", f"projects/{project}/billingInfo") or {}
        if not billing.get("billingEnabled"):
            yield f"The project {project} has no billing account. Link one in the console: Billing."
    except DeployError as error:
        yield f"The project {project} cannot be worked with: {error}"
