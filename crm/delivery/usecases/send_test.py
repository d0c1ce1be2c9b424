"""Send one message of a campaign to the marketer who writes it, outside of any audience."""

from crm.campaigns.campaign import Campaign
from crm.campaigns.message import render
from crm.channels.outgoing import Outgoing, SendResult, VendorRefused
from crm.channels.ports import Vendor
from crm.customers.customer import Customer
from crm.delivery.message_ids import message_id
from crm.kernel.errors import Invalid, Unavailable


async def send_test(
    campaign: Campaign, customer: Customer, to: str, nonce: str, link: str, vendor: Vendor
) -> tuple[str, SendResult]:
    """The message's id, and what the vendor said. The text is the one that `customer` would get.

    `link` unsubscribes nobody. `nonce` is new for every test: the id then is in no audience, and the vendor
    takes it for no repetition.
    Raises Invalid where the channel has no use for an e-mail address or the text cannot be rendered or taken,
    Unavailable where the vendor is away.
    """
    if campaign.channel == "sms":
        raise Invalid.at("channel", "wants a phone number; a test goes to your own e-mail address")
    rendered = render(campaign.message, customer, link)
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
        verdicts = await vendor.send([outgoing])
    except VendorRefused as error:
        raise Invalid.at("message", str(error)) from error
    if name not in verdicts:
        raise Unavailable("The vendor did not say what became of the test.")
    return name, verdicts[name]
