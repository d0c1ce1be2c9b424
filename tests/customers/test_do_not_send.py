"""The do-not-send list of one customer."""

from datetime import UTC, datetime

from crm.customers.customer import Customer, erased, merged
from crm.customers.do_not_send import allowed, suppressed
from crm.customers.reach import unreachable_reason
from crm.customers.records import CustomerRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIRA = Customer(customer_id="C-1", known=True, email="mira@example.com", version=3)


def test_a_channel_is_put_on_the_list_once() -> None:
    left = suppressed(MIRA, "email", "unsubscribed")
    assert (left.suppressions, left.version) == ({"email": "unsubscribed"}, 4)
    assert unreachable_reason(left, "email") == "suppressed"
    assert unreachable_reason(left, "simulator") is None
    assert suppressed(left, "email", "by_hand") is left


def test_a_channel_is_taken_off_the_list_alone() -> None:
    left = suppressed(suppressed(MIRA, "email", "unsubscribed"), "sms", "by_hand")
    back = allowed(left, "email")
    assert (back.suppressions, back.version) == ({"sms": "by_hand"}, 6)
    assert allowed(back, "email") is back


def test_no_record_of_the_shop_takes_a_customer_off_the_list() -> None:
    left = suppressed(MIRA, "email", "unsubscribed")
    record = {"customer_id": "C-1", "consent": True, "consents": {"email": True}, "updated_at": NOON}
    after = merged(left, CustomerRecord.model_validate(record))
    assert unreachable_reason(after, "email") == "suppressed"


def test_of_an_erased_customer_nothing_is_kept() -> None:
    gone = erased(MIRA, NOON)
    assert suppressed(gone, "email", "unsubscribed") is gone
