"""A test goes to the marketer, with a text some customer would get, under an id that is in no audience."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from crm.campaigns.campaign import Campaign, Message
from crm.channels.outgoing import Outgoing, SendResult, VendorRefused
from crm.customers.customer import Customer
from crm.customers.values import Channel
from crm.delivery.message_ids import message_id
from crm.delivery.usecases.send_test import send_test
from crm.kernel.errors import Invalid, Unavailable

ME = "marketer@example.com"
LINK = "https://crm.example.com/api/v1/unsubscribe/example"
MIRA = Customer(customer_id="C-1", known=True, name="Mira", email="mira@example.com")


class Recorder:
    """A vendor that writes down what it got and accepts it."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        self.sent += messages
        return {message.message_id: SendResult(status="accepted") for message in messages}


class Refusing(Recorder):
    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        raise VendorRefused("The vendor refused the batch with status 422.")


class Silent(Recorder):
    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        return {}


def campaign(channel: Channel = "simulator") -> Campaign:
    return Campaign(
        campaign_id="c1",
        name="Spring",
        status="draft",
        channel=channel,
        message=Message(body="Hi {{ customer.name }}"),
        rules={},
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        created_by=ME,
    )


async def test_the_marketer_gets_the_customers_text() -> None:
    vendor = Recorder()
    name, verdict = await send_test(campaign(), MIRA, ME, "n1", LINK, vendor)
    (sent,) = vendor.sent
    assert (sent.to, sent.body, sent.message_id) == (ME, "Hi Mira", name)
    assert sent.unsubscribe_url == LINK
    assert verdict.status == "accepted"
    assert name != message_id("c1", "C-1")


async def test_each_test_has_an_id_of_its_own() -> None:
    vendor = Recorder()
    first, _ = await send_test(campaign(), MIRA, ME, "n1", LINK, vendor)
    second, _ = await send_test(campaign(), MIRA, ME, "n2", LINK, vendor)
    assert first != second


async def test_a_channel_without_an_address_of_mine_is_refused() -> None:
    vendor = Recorder()
    with pytest.raises(Invalid) as refused:
        await send_test(campaign("sms"), MIRA, ME, "n1", LINK, vendor)
    assert refused.value.errors[0].path == "channel"
    assert vendor.sent == []


async def test_a_refusal_and_silence_are_told() -> None:
    with pytest.raises(Invalid, match="refused"):
        await send_test(campaign(), MIRA, ME, "n1", LINK, Refusing())
    with pytest.raises(Unavailable):
        await send_test(campaign(), MIRA, ME, "n1", LINK, Silent())
