"""Send one message of a campaign to the marketer who writes it, outside of any audience."""

from asyncio import to_thread
from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.message import render
from crm.channels.outgoing import Outgoing, SendResult, VendorRefused
from crm.channels.ports import Vendor
from crm.customers.customer import Customer
from crm.delivery.message_ids import message_id
from crm.kernel.errors import Invalid, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTest:
    """Sends a test message."""

    vendor: Vendor

    async def __call__(
        self, campaign: Campaign, customer: Customer, to: str, nonce: str, link: str
    ) -> tuple[str, SendResult]:
        """The message's id and the vendor's answer. `customer` is the one whose text is rendered.

        `link` unsubscribes nobody. `nonce` is new for every test: so the id is in no audience, and the vendor
        does not drop the message as a repetition.
        Raises Invalid where the channel does not send to e-mail addresses or the text cannot be rendered or
        is refused, Unavailable where the vendor is away.
        """
        if campaign.channel == "sms":
            raise Invalid.at("channel", "wants a phone number; a test goes to your own e-mail address")
        rendered = await to_thread(render, campaign.message, customer, link)
        name = message_id(f"test {nonce}", to)
        outgoing = Outgoing(
            message_id=name,
            channel=campaign.channel,
            to=to,
            subject=rendered.subject,
            body=rendered.body,
            unsubscribe_url=link,
        )
        try:
            results = await self.vendor.send([outgoing])
        except VendorRefused as error:
            raise Invalid.at("message", str(error)) from error
        if name not in results:
            raise Unavailable("The vendor did not say what became of the test.")
        return name, results[name]
