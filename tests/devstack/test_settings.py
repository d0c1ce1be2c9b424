"""Settings and secrets of the local stack's functions."""

import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from crm import config
from crm.topology import FUNCTIONS
from devstack import secrets
from devstack.errors import StackError
from devstack.settings import CLASSES, Ports, environments

PORTS = Ports(8080, {name: 9000 + number for number, name in enumerate(FUNCTIONS)})


def test_every_function_gets_valid_settings(tmp_path: Path) -> None:
    found = environments(PORTS, secrets.kept_in(tmp_path))
    assert list(found) == list(FUNCTIONS)
    for name, variables in found.items():
        loaded = config.load(CLASSES[name], variables)
        assert loaded.certs_url == "http://127.0.0.1:8080/identity/certs"
        assert loaded.push_token_in_query
    vendor, receipts = found["vendor"], found["receipts"]
    assert vendor["CRM_WEBHOOK_SECRET"] == receipts["CRM_WEBHOOK_SECRETS"]
    assert vendor["CRM_WEBHOOK_URL"] == f"{PORTS.function('receipts')}/api/v1/receipts"
    assert "CRM_SESSION_SECRETS" not in vendor


def test_a_wrong_knob_stops_the_start_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_FAILURE_RATE", "often")
    with pytest.raises(StackError, match=r"settings of vendor do not hold: CRM_FAILURE_RATE"):
        environments(PORTS, secrets.kept_in(tmp_path))


def test_secrets_are_made_once_and_are_their_owners(tmp_path: Path) -> None:
    first = secrets.kept_in(tmp_path / "a")
    assert secrets.kept_in(tmp_path / "a") == first
    other = secrets.kept_in(tmp_path / "b")
    assert not {first.session, first.webhook, first.vendor_key} & {
        other.session,
        other.webhook,
        other.vendor_key,
    }
    assert stat.S_IMODE((tmp_path / "a" / secrets.FILE).stat().st_mode) == 0o600
    Webhook(first.webhook)


def test_secrets_of_an_older_version_stay_and_missing_ones_are_added(tmp_path: Path) -> None:
    former = asdict(secrets.kept_in(tmp_path))
    del former["webhook_key"]
    (tmp_path / secrets.FILE).write_text(json.dumps(former))
    found = secrets.kept_in(tmp_path)
    assert len(found.webhook_key) > 32
    assert {**asdict(found), "webhook_key": ""} == {**former, "webhook_key": ""}
    assert secrets.kept_in(tmp_path) == found
