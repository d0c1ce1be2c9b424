"""A test goes to the marketer, with the text of one customer, under an id that is in no audience."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from crm.campaigns.campaign import Campaign, Message
from crm.channels.outgoing import Outgoing, SendResult, VendorRefused
from crm.customers.customer import Customer
from crm.customers.values import Channel
from crm.delivery.usecases.send_test import SendTest
from crm.kernel.errors import Invalid, Unavailable
from tests.builders import message_to

ME = "marketer@example.com"
LINK = "https://crm.example.com/api/v1/unsubscribe/example"
MIRA = Customer(customer_id="C-1", known=True, name="Mira", email="mira@example.com")


class Recorder:
    """A vendor that records what it gets and accepts it."""

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


async def test_the_marketer_gets_the_text_of_the_customer() -> None:
    vendor = Recorder()
    name, result = await SendTest(vendor=vendor)(campaign(), MIRA, ME, "n1", LINK)
    (sent,) = vendor.sent
    assert (sent.to, sent.body, sent.message_id) == (ME, "Hi Mira", name)
    assert sent.unsubscribe_url == LINK
    assert result.status == "accepted"
    assert name != message_to("c1", "C-1")


async def test_each_test_has_an_id_of_its_own() -> None:
    vendor = Recorder()
    first, _ = await SendTest(vendor=vendor)(campaign(), MIRA, ME, "n1", LINK)
    second, _ = await SendTest(vendor=vendor)(campaign(), MIRA, ME, "n2", LINK)
    assert first != second


async def test_a_channel_that_does_not_send_to_email_addresses_is_refused() -> None:
    vendor = Recorder()
    with pytest.raises(Invalid) as refused:
        await SendTest(vendor=vendor)(campaign("sms"), MIRA, ME, "n1", LINK)
    assert refused.value.errors[0].path == "channel"
    assert vendor.sent == []


async def test_a_refusal_is_invalid_and_silence_is_unavailable() -> None:
    with pytest.raises(Invalid, match="refused"):
        await SendTest(vendor=Refusing())(campaign(), MIRA, ME, "n1", LINK)
    with pytest.raises(Unavailable):
        await SendTest(vendor=Silent())(campaign(), MIRA, ME, "n1", LINK)
