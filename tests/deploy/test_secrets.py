"""Secrets are made once, asked for where they cannot be made, and rotated while the old ones count."""

import pytest
from standardwebhooks import Webhook

from crm.access.members import Session
from crm.access.sessions import Sessions
from crm.customers.unsubscribe_links import UnsubscribeLinks, UnsubscribeTokens
from deploy import secrets
from deploy.errors import DeployError
from tests.deploy.google_stub import GoogleStub

NAMES = [
    "id-key",
    "session-secrets",
    "simulated-vendor-key",
    "unsubscribe-keys",
    "webhook-key",
    "webhook-secret",
    "webhook-secrets",
]


SESSION = Session(id="s1", email="a@example.com", name="A", subject="sub-1", version="v1")


@pytest.fixture
def vault(stub: GoogleStub) -> secrets.Vault:
    stub.secrets = {f"crm-{name}": [] for name in (*NAMES, "gemini-key", "vendor-key")}
    return secrets.Vault(stub.google(), "crm")


def test_generated_secrets_are_made_once(vault: secrets.Vault, stub: GoogleStub) -> None:
    first = secrets.ensure(vault, NAMES)
    contents = {name: list(versions) for name, versions in stub.secrets.items()}

    assert first == dict.fromkeys(NAMES, "1")
    assert secrets.ensure(vault, NAMES) == first
    assert stub.secrets == contents
    assert len({content for versions in contents.values() for content in versions}) == 6
    assert stub.secrets["crm-webhook-secret"] == stub.secrets["crm-webhook-secrets"]
    Webhook(stub.secrets["crm-webhook-secret"][0])
    Sessions([stub.secrets["crm-session-secrets"][0]])


def test_secrets_of_the_operator_are_asked_for(vault: secrets.Vault, stub: GoogleStub) -> None:
    with pytest.raises(DeployError, match=r"gemini-key, vendor-key"):
        secrets.ensure(vault, ["gemini-key", "session-secrets", "vendor-key"])
    stub.secrets["crm-gemini-key"].append("g")
    stub.secrets["crm-vendor-key"].append("v")

    found = secrets.ensure(vault, ["gemini-key", "session-secrets", "vendor-key"])
    assert found == {"gemini-key": "1", "session-secrets": "1", "vendor-key": "1"}


def test_a_real_vendor_never_gets_the_key_of_the_simulated_one(
    vault: secrets.Vault, stub: GoogleStub
) -> None:
    secrets.ensure(vault, NAMES)
    real = sorted({*NAMES, "vendor-key"} - {"simulated-vendor-key", "webhook-secret"})

    with pytest.raises(DeployError, match=r"fill these secrets: vendor-key\."):
        secrets.ensure(vault, real)
    assert stub.secrets["crm-vendor-key"] == []
    with pytest.raises(DeployError, match="cannot be made up"):
        secrets.rotate(vault, "vendor-key", drop_old=False)


def test_sessions_of_the_old_secret_are_valid_until_it_is_dropped(vault: secrets.Vault) -> None:
    secrets.ensure(vault, NAMES)
    cookie = Sessions([vault.read("session-secrets")]).issue(SESSION)

    secrets.rotate(vault, "session-secrets", drop_old=False)
    both = vault.read("session-secrets").split(",")
    assert Sessions(both).verify(cookie).email == "a@example.com"
    assert Sessions(both[1:]).verify(cookie).email == "a@example.com"

    secrets.rotate(vault, "session-secrets", drop_old=True)
    assert vault.read("session-secrets") == both[0]


def test_rotating_twice_signs_nobody_out(vault: secrets.Vault) -> None:
    secrets.ensure(vault, NAMES)
    seen = [vault.read("session-secrets")]
    for _ in range(2):
        secrets.rotate(vault, "session-secrets", drop_old=False)
        seen.append(vault.read("session-secrets").partition(",")[0])

    assert vault.read("session-secrets").split(",") == [seen[2], seen[1], seen[0]]
    secrets.rotate(vault, "session-secrets", drop_old=True)
    assert vault.read("session-secrets") == seen[2]


def test_dropping_the_old_again_changes_nothing(vault: secrets.Vault, stub: GoogleStub) -> None:
    secrets.ensure(vault, NAMES)
    secrets.rotate(vault, "webhook-secrets", drop_old=True)

    assert [len(stub.secrets[f"crm-{name}"]) for name in ("webhook-secrets", "webhook-secret")] == [1, 1]


def test_a_rotation_that_died_half_way_leaves_no_receipt_unsigned(
    vault: secrets.Vault, stub: GoogleStub
) -> None:
    secrets.ensure(vault, NAMES)
    secrets.rotate(vault, "webhook-secrets", drop_old=False)
    stub.secrets["crm-webhook-secret"].pop()  # as if it had died before it passed it to the simulated vendor

    secrets.rotate(vault, "webhook-secrets", drop_old=True)
    assert vault.read("webhook-secret") == vault.read("webhook-secrets")


def test_links_in_messages_work_whatever_was_rotated_since(vault: secrets.Vault) -> None:
    secrets.ensure(vault, NAMES)
    first = vault.read("unsubscribe-keys")
    link = UnsubscribeLinks("", [first]).to("key", "email", "m1").rpartition("/")[2]
    for _ in range(3):
        secrets.rotate(vault, "unsubscribe-keys", drop_old=False)
    keys = vault.read("unsubscribe-keys").split(",")
    assert (len(keys), keys[-1]) == (4, first)
    assert UnsubscribeTokens(keys).parse(link).message_id == "m1"

    secrets.rotate(vault, "unsubscribe-keys", drop_old=True)
    assert vault.read("unsubscribe-keys") == keys[0]


def test_the_vendor_signs_with_the_newest_of_the_accepted(vault: secrets.Vault) -> None:
    secrets.ensure(vault, NAMES)
    secrets.rotate(vault, "webhook-secrets", drop_old=False)

    accepted = vault.read("webhook-secrets").split(",")
    assert len(accepted) == 2
    assert vault.read("webhook-secret") == accepted[0]


def test_the_secret_that_names_customers_is_never_rotated(vault: secrets.Vault, stub: GoogleStub) -> None:
    secrets.ensure(vault, NAMES)
    with pytest.raises(DeployError, match="id-key cannot be rotated"):
        secrets.rotate(vault, "id-key", drop_old=False)
    assert len(stub.secrets["crm-id-key"]) == 1


def test_a_key_of_others_is_not_made_up(vault: secrets.Vault) -> None:
    with pytest.raises(DeployError, match="gemini-key cannot be made up"):
        secrets.rotate(vault, "gemini-key", drop_old=False)
