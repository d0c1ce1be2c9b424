"""What each function of the local stack reads from its environment.

A `CRM_…` variable of the developer's own (a knob of the vendor, a Gemini key) reaches the functions too, but
what wires the stack together is decided here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from crm import config
from crm.topology import DEFAULT_DATABASE, FUNCTIONS
from devstack import identity
from devstack.emulators import PROJECT
from devstack.errors import StackError
from devstack.paths import state_folder
from devstack.secrets import Secrets

UNLIMITED: Final = "all=999999999/60"
"""`CRM_RATE_LIMITS` of stacks that are called more often than anybody may, to measure or to break them."""

LEDGER: Final = "erasures"
"""The folder of the ledger of erasures, in that of the stack."""

CLASSES: Final[Mapping[str, type[config.Settings]]] = {
    "ingest": config.IngestSettings,
    "consumer": config.ConsumerSettings,
    "campaigns": config.CampaignsSettings,
    "deliver": config.DeliverSettings,
    "receipts": config.ReceiptsSettings,
    "summarize": config.SummarizeSettings,
    "vendor": config.VendorSettings,
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the gateway and each function listen on 127.0.0.1."""

    gateway: int
    functions: Mapping[str, int]

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"http://localhost:{self.gateway}"

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.gateway}/identity"

    def function(self, name: str) -> str:
        return f"http://127.0.0.1:{self.functions[name]}"


def ledger_of(folder: Path) -> str:
    """Where the stack of this folder enters erasures: beside its snapshots, which may hold who was erased."""
    return (folder.resolve() / LEDGER).as_uri()


def environments(ports: Ports, secrets: Secrets, ledger: str = "") -> dict[str, dict[str, str]]:
    """Function → its `CRM_…` variables. Raises StackError naming every variable that is wrong.

    `ledger` is where erasures are entered; left out, that of the folder of `make run`.
    """
    values = _values(ports, secrets) | {"erasure_ledger": ledger or ledger_of(state_folder())}
    found = {name: _of(CLASSES[name], values) for name in FUNCTIONS}
    for name, environment in found.items():
        try:
            config.load(CLASSES[name], {**os.environ, **environment})
        except config.ConfigurationError as error:
            raise StackError(
                f"The settings of {name} do not hold: {error}. Correct the environment."
            ) from error
    return found


def _of(cls: type[Any], values: Mapping[str, str]) -> dict[str, str]:
    names = [field.name for field in fields(cls)]
    return {config.PREFIX + name.upper(): values[name] for name in names if name in values}


def _values(ports: Ports, secrets: Secrets) -> dict[str, str]:
    return {
        "project": PROJECT,
        "database": DEFAULT_DATABASE,
        "topic_prefix": "",
        "certs_url": f"{ports.issuer}/certs",
        "issuers": ports.issuer,
        "push_audience": identity.PUSH_AUDIENCE,
        "push_account": identity.PUSH_ACCOUNT,
        "push_token_in_query": "true",
        "client_id": identity.CLIENT_ID,
        "identity_url": "/identity",
        "session_secrets": secrets.session,
        "origins": f"{ports.url},http://127.0.0.1:{ports.gateway}",
        "secure_cookies": "false",
        "currency": os.environ.get("CRM_CURRENCY", "GBP"),
        "vendor_url": ports.function("vendor"),
        "vendor_key": secrets.vendor_key,
        "webhook_url": f"{ports.function('receipts')}/api/v1/receipts",
        "webhook_secret": secrets.webhook,
        "webhook_secrets": secrets.webhook,
        "webhook_key": secrets.webhook_key,
        "public_url": ports.url,
        "unsubscribe_keys": secrets.unsubscribe_key,
        "id_key": secrets.id_key,
    }
