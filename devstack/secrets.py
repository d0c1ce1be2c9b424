"""Secrets of the local stack: random, made once, readable by their owner only."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

FILE = "secrets.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """`webhook` is a Standard Webhooks secret, `webhook_key` what more of them are made of; `signing_key` the
    issuer's RS256 key, as PEM, `unsubscribe_key` signs the links in messages, customers' keys follow from
    `id_key`."""

    session: str
    webhook: str
    vendor_key: str
    signing_key: str
    webhook_key: str
    unsubscribe_key: str
    id_key: str


def kept_in(folder: Path) -> Secrets:
    """The secrets in `folder`; what a former version did not know yet is made on first use."""
    file = folder / FILE
    kept = json.loads(read_private(file) or "{}")
    if kept.keys() != {field.name for field in fields(Secrets)}:
        kept = asdict(_new()) | kept
        write_private(file, json.dumps(kept, indent=2))
    return Secrets(**kept)


def read_private(file: Path) -> str:
    """The text of `file`, empty where there is none."""
    return file.read_text() if file.exists() else ""


def write_private(file: Path, text: str) -> None:
    """Replace `file` atomically by one that only its owner can read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(text)
    draft.replace(file)


def _new() -> Secrets:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Secrets(
        session=secrets.token_urlsafe(32),
        webhook="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        vendor_key=secrets.token_urlsafe(24),
        signing_key=pem.decode(),
        webhook_key=secrets.token_urlsafe(48),
        unsubscribe_key=secrets.token_urlsafe(48),
        id_key=secrets.token_urlsafe(48),
    )
