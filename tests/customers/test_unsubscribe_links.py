"""Links in messages: they cannot be forged, do not expire, and do not reveal the customer."""

import pytest

from crm.customers.customer_key import customer_key
from crm.customers.do_not_send import UnsubscribeToken
from crm.customers.unsubscribe_links import PATH, UnsubscribeLinks, UnsubscribeTokens
from crm.delivery.message_ids import message_id
from crm.kernel.errors import NotFound
from tests.support import PUBLIC_URL

KEYS = ("the newest key, long enough for a test", "the key before, long enough for a test")
MIRA = customer_key("mira@example.com")
MESSAGE = message_id("c1", MIRA)
LINKS = UnsubscribeLinks(PUBLIC_URL + "/", KEYS)


def token(link: str) -> str:
    assert link.startswith(f"{PUBLIC_URL}{PATH}/")
    return link.removeprefix(f"{PUBLIC_URL}{PATH}/")


def test_a_link_says_who_of_which_channel_by_which_message() -> None:
    link = LINKS.to(MIRA, "email", MESSAGE)
    assert UnsubscribeTokens(KEYS).parse(token(link)) == UnsubscribeToken(
        customer=MIRA, channel="email", message_id=MESSAGE
    )


def test_a_message_that_is_rendered_again_has_the_same_link_of_one_line() -> None:
    link = LINKS.to(MIRA, "email", MESSAGE)
    assert LINKS.to(MIRA, "email", MESSAGE) == link
    assert "mira" not in link
    assert len(link) < 180


def test_links_of_an_older_key_go_on_working_until_it_is_dropped() -> None:
    old = token(UnsubscribeLinks(PUBLIC_URL, KEYS[1:]).to(MIRA, "sms", MESSAGE))
    assert UnsubscribeTokens(KEYS).parse(old).channel == "sms"
    assert token(LINKS.to(MIRA, "sms", MESSAGE)) != old
    with pytest.raises(NotFound):
        UnsubscribeTokens(KEYS[:1]).parse(old)


def test_a_forged_token_is_refused() -> None:
    good = token(LINKS.to(MIRA, "sms", MESSAGE))
    of_no_channel = UnsubscribeToken(customer="x-y", channel="email", message_id="z")
    for bad in (
        "",
        "x",
        good[:-1],
        good[1:],
        good.swapcase(),
        "é" * 40,
        "\ud800",
        "\ud800" + good,
        UnsubscribeTokens(KEYS).sign(of_no_channel),
    ):
        with pytest.raises(NotFound):
            UnsubscribeTokens(KEYS).parse(bad)


def test_without_a_key_there_are_no_links() -> None:
    with pytest.raises(ValueError, match="at least one"):
        UnsubscribeTokens(())
