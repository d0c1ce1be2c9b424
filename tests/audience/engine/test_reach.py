"""Who can be reached: the decision over columns and the one for a single customer are the same."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.audience.engine.reach import reasons
from crm.audience.engine.snapshot import snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.customers.changes import encode
from crm.customers.customer import Customer, erased
from crm.customers.reach import unreachable_reason
from crm.customers.values import CHANNELS, Channel
from tests.audience import strategies

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def person(**fields: object) -> Customer:
    return Customer(customer_id="C1", known=True, version=1, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("customer", "channel", "reason"),
    [
        (person(email="a@example.com"), "email", None),
        (person(phone="+44 20 7946 0018"), "sms", None),
        (person(email="a@example.com"), "simulator", None),
        (person(phone="+44 20 7946 0018"), "simulator", None),
        (person(email="a@example.com"), "sms", "no_address"),
        (person(phone="+44 20 7946 0018"), "email", "no_address"),
        (person(), "simulator", "no_address"),
        (person(email="a@example.com", consent=False), "email", "no_consent"),
        (person(email="a@example.com", consents={"email": False}), "email", "no_consent"),
        (person(email="a@example.com", consents={"sms": False}), "email", None),
        (person(email="a@example.com", consent=False, consents={"email": True}), "email", "no_consent"),
        (person(consent=False), "email", "no_consent"),
        (person(email="a@example.com", suppressions={"email": "bounced"}), "email", "suppressed"),
        (person(email="a@example.com", suppressions={"sms": "bounced"}), "email", None),
        (person(suppressions={"email": "bounced"}), "email", "no_address"),
        (erased(person(email="a@example.com"), NOW), "email", "erased"),
    ],
)
def test_the_first_applicable_reason_is_given(
    customer: Customer, channel: Channel, reason: str | None
) -> None:
    assert unreachable_reason(customer, channel) == reason


@settings(max_examples=40)
@given(st.lists(strategies.customers, max_size=20), st.sampled_from(CHANNELS))
def test_columns_agree_with_the_decision_for_one_customer(
    customers: list[Customer], channel: Channel
) -> None:
    part = snapshot_of(applied(empty(), encode(customers, [])), NOW).base

    found: dict[str, str | None] = dict.fromkeys(part.ids)
    for reason, mask in reasons(part, channel).items():
        found |= dict.fromkeys(part.ids.filter(pl.Series(mask)), reason)

    assert found == {each.customer_id: unreachable_reason(each, channel) for each in customers}
