"""A base and what changed since are one audience, however the customers are spread over the two."""

import random
from datetime import UTC

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.audience.engine.blocks import pack_block
from crm.audience.engine.field_catalogue import field_catalogue
from crm.audience.engine.people import everybody, orders_of
from crm.audience.engine.snapshot import applied, snapshot_of_blocks
from crm.audience.engine.tables import applied as tables_after
from crm.audience.engine.tables import empty
from crm.audience.rules.match import match
from crm.audience.rules.parse import parse
from crm.audience.usecases.preview import preview
from crm.audience.usecases.recipients import recipients
from crm.audience.usecases.search import search_customers
from crm.customers.changes import encode
from crm.kernel.errors import Invalid
from tests.audience import strategies
from tests.audience.histories import IDS, History, State, histories

NOW = strategies.NOW


def block(state: State, names: list[str]) -> bytes:
    """The block of those customers as they were."""
    customers = [who for name, who in state.customers.items() if name in names]
    orders = [order for order in state.orders.values() if order.customer_id in names]
    return pack_block(tables_after(empty(), encode(customers, orders)))


def holds(tree: dict[str, object]) -> bool:
    """Whether these are rules."""
    try:
        parse(tree)
    except Invalid:
        return False
    return True


@settings(
    max_examples=100,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink a history takes minutes
)
@given(
    tree=strategies.trees.filter(holds),  # before the history, which takes long to draw
    history=histories(),
    cuts=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    shuffle=st.randoms(),
)
def test_blocks_of_any_age_and_the_log_in_any_order_give_the_last_state(
    tree: dict[str, object], history: History, cuts: list[float], shuffle: random.Random
) -> None:
    rules = parse(tree)
    partitions = [list(IDS[start::3]) for start in range(3)]
    ages = [round(cut * (len(history.states) - 1)) for cut in cuts]
    blocks = [block(history.states[age], names) for age, names in zip(ages, partitions, strict=True)]
    needed = history.payloads[min(ages) :]
    read_again = [each for each in history.payloads[: min(ages)] if shuffle.random() < 0.5]
    log = [*needed, *read_again, *(each for each in needed if shuffle.random() < 0.3)]
    shuffle.shuffle(log)

    snapshot = snapshot_of_blocks(blocks, NOW)
    while log:
        some = shuffle.randint(1, 3)
        snapshot = applied(snapshot, log[:some], NOW)
        del log[:some]

    last = history.states[-1]
    whole = snapshot_of_blocks([block(last, list(IDS))], NOW)
    assert everybody(snapshot) == everybody(whole)
    for name in IDS:
        assert orders_of(snapshot, name) == orders_of(whole, name)
    expected = [
        who for who, orders in last.people() if who.known and match(rules, who, orders, NOW, UTC).holds
    ]
    found = preview(snapshot, rules, NOW, UTC, "email")
    assert found == preview(whole, rules, NOW, UTC, "email")
    assert found.matched == len(expected)
    assert recipients(snapshot, rules, NOW, UTC, "email") == recipients(whole, rules, NOW, UTC, "email")
    assert search_customers(snapshot, "e", None, 3) == search_customers(whole, "e", None, 3)
    for least in (1, 2):
        assert field_catalogue(snapshot, least) == field_catalogue(whole, least)


def test_without_changes_the_snapshot_stays_the_same() -> None:
    customer = State({}, {})
    snapshot = snapshot_of_blocks([block(customer, list(IDS))], NOW)

    assert applied(snapshot, [], NOW).delta is snapshot.delta
