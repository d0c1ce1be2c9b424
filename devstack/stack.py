"""`.local/stack.json`: where tests, the CLI and other programs find the running stack."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crm.topology import FUNCTIONS
from devstack.emulators import PROJECT
from devstack.secrets import Secrets, write_private
from devstack.settings import Ports, ledger_of

FILE = "stack.json"


def forget(folder: Path) -> None:
    """Remove what a stack that was killed could not."""
    (folder / FILE).unlink(missing_ok=True)


@contextmanager
def described(
    folder: Path, ports: Ports, hosts: Mapping[str, str], secrets: Secrets, api_key: str
) -> Iterator[None]:
    """The file exists as long as the stack is ready for use. It holds secrets: only its owner reads it.

    `hosts` is where clients find "firestore" and "pubsub".
    """
    content = {
        "url": ports.url,
        "api_key": api_key,
        "webhook_secret": secrets.webhook,
        "vendor_key": secrets.vendor_key,
        "id_key": secrets.id_key,
        "erasure_ledger": ledger_of(folder),
        "functions": {name: ports.function(name) for name in FUNCTIONS},
        "emulators": dict(hosts),
        "project": PROJECT,
    }
    write_private(folder / FILE, json.dumps(content, indent=2) + "\n")
    try:
        yield
    finally:
        forget(folder)
