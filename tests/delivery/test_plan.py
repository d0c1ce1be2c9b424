"""What is planned for each recipient of a chunk."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crm.campaigns.campaign import Message
from crm.customers.customer import Customer, erased
from crm.customers.customer_key import customer_key
from crm.delivery.chunk import Chunk
from crm.delivery.plan import NOT_RENDERED, PlannedMessage, address, plan_chunk
from tests.builders import NOON, campaign, message_to

CAMPAIGN = campaign(message=Message(body="Hi {{ customer.first_name }}. {{ unsubscribe_url }}"))
MEMORY = timedelta(hours=24)
KEY = customer_key("C-1")
MIRA = Customer(customer_id="C-1", known=True, name="Mira Lind", email="mira@example.com")


def link_to(key: str, channel: str, message: str) -> str:
    return f"https://crm.example.com/{key}/{channel}/{message}"


def planned(
    customer: Customer | None, status: str = "sending", message: Message = CAMPAIGN.message, **chunk: object
) -> PlannedMessage:
    """The plan for a chunk of one recipient."""
    fields = {"campaign_id": "c1", "chunk_id": "0000-0000", "customer_keys": (KEY,), "shard": 0, **chunk}
    customers = {} if customer is None else {KEY: customer}
    stopped = replace(CAMPAIGN, status=status, message=message)  # type: ignore[arg-type]
    (item,) = plan_chunk(stopped, Chunk(**fields), customers, link_to, NOON, MEMORY)  # type: ignore[arg-type]
    return item


def test_a_reachable_customer_gets_a_personal_message_under_its_own_id() -> None:
    item = planned(MIRA)
    name = message_to("c1", "C-1")
    assert item.outgoing is not None
    assert (item.outgoing.message_id, item.outgoing.to) == (name, "mira@example.com")
    assert item.outgoing.unsubscribe_url == f"https://crm.example.com/{KEY}/simulator/{name}"
    assert item.outgoing.body == f"Hi Mira. {item.outgoing.unsubscribe_url}"
    assert (item.row.status, item.row.message_id) == ("accepted", name)
    assert item.row.cohorts == ("regular_spenders", "never_ordered")


def test_a_retry_has_another_message_id() -> None:
    assert planned(MIRA, retry_round=1).row.message_id == message_to("c1", "C-1", 1)


@pytest.mark.parametrize(
    ("customer", "reason"),
    [
        (replace(MIRA, consent=False), "no_consent"),
        (replace(MIRA, consents={"simulator": False}), "no_consent"),
        (replace(MIRA, suppressions={"simulator": "complained"}), "suppressed"),
        (replace(MIRA, email=None), "no_address"),
        (erased(MIRA, NOON), "erased"),
    ],
)
def test_a_customer_who_cannot_be_reached_any_more_is_skipped(customer: Customer, reason: str) -> None:
    item = planned(customer)
    assert (item.row.status, item.row.reason, item.outgoing) == ("skipped", reason, None)


def test_a_customer_who_does_not_exist_is_skipped_without_cohorts() -> None:
    item = planned(None)
    assert (item.row.status, item.row.cohorts) == ("skipped", ())


def test_the_recipients_of_a_cancelled_campaign_are_skipped() -> None:
    item = planned(MIRA, status="cancelled")
    assert (item.row.status, item.row.reason, item.outgoing) == ("skipped", "cancelled", None)


def test_a_skipped_recipient_of_a_possibly_sent_chunk_is_unknown() -> None:
    item = planned(replace(MIRA, consent=False), possibly_sent=True, possibly_sent_at=NOON)
    assert (item.row.status, item.outgoing) == ("unknown", None)


def test_a_message_is_sent_again_only_while_the_vendor_recognises_its_id() -> None:
    recent = NOON - MEMORY + timedelta(seconds=1)
    assert planned(MIRA, possibly_sent=True, possibly_sent_at=recent).outgoing is not None
    item = planned(MIRA, possibly_sent=True, possibly_sent_at=NOON - MEMORY)
    assert (item.row.status, item.outgoing) == ("unknown", None)
    assert item.row.reason == "An earlier try may have sent it; then: the vendor would take it for a new one."


def test_why_a_message_cannot_be_rendered_is_not_kept_for_it_may_quote_the_customer() -> None:
    body = "{{ customer.name | date: customer.name }}{% for a in (1..customer.attributes.x) %}{% endfor %}"
    item = planned(replace(MIRA, attributes={"x": "Mira Lind" * 2_000}), message=Message(body=body))
    assert item.row.status == "failed"
    assert (item.row.reason or "").startswith(NOT_RENDERED)
    assert "Mira" not in (item.row.reason or "")


@pytest.mark.parametrize(
    ("channel", "email", "phone", "expected"),
    [
        ("simulator", "a@example.com", "123", "a@example.com"),
        ("simulator", None, "123", "123"),
        ("email", None, "123", None),
        ("sms", "a@example.com", "123", "123"),
        ("sms", "a@example.com", None, None),
    ],
)
def test_an_address_is_of_the_channels_kind(
    channel: str, email: str | None, phone: str | None, expected: str | None
) -> None:
    customer = Customer(customer_id="C", email=email, phone=phone)
    assert address(customer, channel) == expected  # type: ignore[arg-type]
