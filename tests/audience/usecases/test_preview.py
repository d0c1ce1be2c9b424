"""A preview counts who matches and who can be reached, and shows some of them."""

import json
from datetime import UTC

from crm.audience.engine.snapshot import snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.audience.usecases.preview import preview
from crm.customers.changes import encode
from tests.audience.sample import EVERYONE, NOW, SNAPSHOT, customer, rules


def test_preview_counts_matches_the_reachable_and_the_reasons_of_the_others() -> None:
    found = preview(SNAPSHOT, EVERYONE, NOW, UTC, "simulator")

    assert (found.matched, found.reachable, found.total) == (6, 2, 6)
    assert found.excluded == {"no_consent": 2, "no_address": 1, "suppressed": 1}
    assert found.description == "all customers"
    assert [(each["customer_id"], each["reason"]) for each in found.sample] == [
        ("C001", None),
        ("C002", "no_consent"),
        ("C003", None),
        ("C004", "no_address"),
        ("C005", "suppressed"),
        ("C006", "no_consent"),
    ]


def test_preview_of_an_empty_audience() -> None:
    found = preview(SNAPSHOT, rules("city", "=", "Atlantis"), NOW, UTC, "email")

    assert (found.matched, found.reachable, found.excluded, found.sample, found.total) == (0, 0, {}, [], 6)


def test_preview_shows_ten_customers_as_json_values() -> None:
    crowd = snapshot_of(applied(empty(), encode([customer(number) for number in range(30)], [])), NOW)

    found = preview(crowd, EVERYONE, NOW, UTC, "email")

    assert len(found.sample) == 10
    assert json.loads(json.dumps(found.sample, allow_nan=False)) == found.sample


def test_preview_shows_money_in_units_of_the_currency() -> None:
    [ada] = preview(SNAPSHOT, rules("total_spend", ">", 1000), NOW, UTC, "email").sample

    assert (ada["total_spend"], ada["order_count"], ada["tags"]) == (1234.56, 2, ["vip"])
