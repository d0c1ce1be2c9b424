"""Secrets: made where they can be made, asked for where not, and rotated. They stay in Secret Manager.

Those that are lists (`LISTS`) have the newest first: it signs, and each verifies.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from deploy.errors import DeployError
from deploy.google import Google

WEBHOOK_LIST: Final = "webhook-secrets"
WEBHOOK: Final = "webhook-secret"
"""What the simulated vendor signs with: the first of WEBHOOK_LIST."""

UNSUBSCRIBE: Final = "unsubscribe-keys"
"""Sign the links in messages, which are kept for years: an old key counts until it is dropped."""

ID_KEY: Final = "id-key"
"""Customers' keys, which name their documents, follow from it: with another one nobody would be found."""

LISTS: Final = ("session-secrets", WEBHOOK_LIST, UNSUBSCRIBE)


def _random() -> str:
    return secrets.token_urlsafe(48)


def _webhook() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


MAKERS: Final[Mapping[str, Callable[[], str]]] = {
    "session-secrets": _random,
    UNSUBSCRIBE: _random,
    "simulated-vendor-key": _random,
    "webhook-key": _random,
    ID_KEY: _random,
    WEBHOOK_LIST: _webhook,
}


class Vault:
    """The secrets of one installation, by the names that Terraform knows: `vendor-key`."""

    def __init__(self, google: Google, installation: str) -> None:
        self._google = google
        self._prefix = f"projects/{google.project}/secrets/{installation}-"
        self._installation = installation

    def newest(self, name: str) -> str | None:
        """The number of the newest version that is enabled."""
        path = f"{self._prefix}{name}/versions?filter=state:ENABLED&pageSize=1"
        versions = (self._google.get("secrets", path) or {}).get("versions", [])
        return str(versions[0]["name"].rpartition("/")[2]) if versions else None

    def read(self, name: str) -> str:
        """The content of the newest version. Raises DeployError where there is none."""
        version = self.newest(name)
        found = (
            self._google.get("secrets", f"{self._prefix}{name}/versions/{version}:access")
            if version
            else None
        )
        if found is None:
            raise DeployError(f"The secret {self._installation}-{name} is empty: run `make deploy` first.")
        return base64.b64decode(found["payload"]["data"]).decode()

    def add(self, name: str, content: str) -> str:
        """Store another version; its number."""
        data = base64.b64encode(content.encode()).decode()
        made = self._google.post("secrets", f"{self._prefix}{name}:addVersion", {"payload": {"data": data}})
        return str(made["name"].rpartition("/")[2])


def ensure(vault: Vault, names: Iterable[str]) -> dict[str, str]:
    """See that every secret has a version; name → number of the newest.

    The key of the simulated vendor is made up; a real one's, which is another secret, is the operator's to
    store. Raises DeployError that names every secret which only the operator can fill.
    """
    found: dict[str, str] = {}
    missing: list[str] = []
    for name in sorted(names, key=lambda name: name == WEBHOOK):  # it copies another
        version = vault.newest(name)
        if version is None and name == WEBHOOK:
            version = vault.add(name, vault.read(WEBHOOK_LIST).partition(",")[0])
        elif version is None and name in MAKERS:
            version = vault.add(name, MAKERS[name]())
        if version is None:
            missing.append(name)
        else:
            found[name] = version
    if missing:
        raise DeployError(
            f"Only you can fill these secrets: {', '.join(missing)}. For each: `printf %s VALUE | "
            "gcloud secrets versions add <installation>-<secret> --data-file=-`. Then run this again."
        )
    return found


def tell_terraform(versions: Mapping[str, str], file: Path) -> None:
    """Write the variable `secret_versions` of infra/terraform."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"secret_versions": versions}, indent=2) + "\n")


def rotate(vault: Vault, name: str, *, drop_old: bool) -> str:
    """Store a new value; what to do next. Of a list all that counted go on counting until they are dropped,
    so that rotating twice, or once more after a failure, signs nobody out.

    Raises DeployError for a secret that is not made here, or that can never change.
    """
    if name == ID_KEY:
        raise DeployError(f"{ID_KEY} cannot be rotated: all that is stored of customers is named by it.")
    if name not in MAKERS:
        raise DeployError(f"{name} cannot be made up. These can: {', '.join(MAKERS)}.")
    if name not in LISTS:
        vault.add(name, MAKERS[name]())
        return "Run `make deploy`: from then on the new one counts, and the old one no more."
    held = vault.read(name)
    newest = held.partition(",")[0] if drop_old else MAKERS[name]()
    wanted = newest if drop_old else f"{newest},{held}"
    if wanted != held:
        vault.add(name, wanted)
    if name == WEBHOOK_LIST and vault.newest(WEBHOOK) and vault.read(WEBHOOK) != newest:
        vault.add(WEBHOOK, newest)
    if drop_old:
        return "Run `make deploy`: from then on only the newest counts."
    return (
        "Run `make deploy`: from then on the new one signs, and the old one still counts. When nothing "
        "that the old one signed is about any more, run `make rotate` with DROP_OLD=yes, and deploy again."
    )
