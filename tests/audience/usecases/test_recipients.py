"""Recipients are the customers who match and can be reached."""

from datetime import UTC

from crm.audience.usecases.explain import explain
from crm.audience.usecases.preview import preview
from crm.audience.usecases.recipients import recipients
from tests.audience.sample import EVERYONE, NOW, SNAPSHOT, rules


def test_recipients_are_the_reachable_customers_in_order() -> None:
    assert recipients(SNAPSHOT, EVERYONE, NOW, UTC, "simulator") == ["C001", "C003"]
    assert recipients(SNAPSHOT, EVERYONE, NOW, UTC, "sms") == []
    assert recipients(SNAPSHOT, rules("country", "=", "France"), NOW, UTC, "email") == ["C001"]


def test_preview_recipients_and_explain_agree_on_every_customer() -> None:
    tree = rules("total_spend", "<", 1000)
    matched = {each["customer_id"] for each in preview(SNAPSHOT, tree, NOW, UTC, "email").sample}

    for number in range(1, 7):
        verdict = explain(SNAPSHOT, tree, f"C{number:03}", NOW, UTC)
        assert verdict["matches"] == (f"C{number:03}" in matched)
