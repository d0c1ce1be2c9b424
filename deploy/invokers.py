"""Who may call a function, where an organization forbids bindings for everybody.

Cloud Run can leave out its own check of who calls. Terraform's resource for functions has no argument for
that, so it is set after each apply: a function that Terraform makes again has the check again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from deploy.google import Google


def set_checks(google: Google, region: str, services: Iterable[str], disabled: bool) -> list[str]:
    """Switch Cloud Run's check off, or on again; the services that were changed. Raises DeployError."""
    changed = []
    for service in services:
        path = f"projects/{google.project}/locations/{region}/services/{service}"
        found: Mapping[str, Any] = google.get("run", path) or {}
        if bool(found.get("invokerIamDisabled")) is not disabled:
            wanted = {"invokerIamDisabled": disabled}
            google.wait("run", google.patch("run", f"{path}?updateMask=invokerIamDisabled", wanted))
            changed.append(service)
    return changed
