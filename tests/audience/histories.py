"""Random histories of customers and orders as the writers make them: commit by commit, versions rising."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from crm.customers.changes import encode
from crm.customers.customer import Customer, erased
from crm.customers.order import Order
from tests.audience import strategies

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
IDS = ("A", "B", "C", "D", "E")


def placed(who: Customer, orders: Sequence[Order]) -> list[Order]:
    """The orders as that customer's."""
    return [replace(each, customer_id=who.customer_id) for each in orders]


@dataclass(frozen=True)
class State:
    """What is stored at one time."""

    customers: dict[str, Customer]
    orders: dict[str, Order]

    def people(self) -> list[tuple[Customer, list[Order]]]:
        """Everyone who is not erased, with their orders."""
        return [
            (who, [order for order in self.orders.values() if order.customer_id == who.customer_id])
            for who in self.customers.values()
            if who.erased_at is None
        ]


@dataclass(frozen=True)
class History:
    """The states after each commit, the first being empty, and the payload that each commit logged."""

    states: list[State]
    payloads: list[bytes]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Profiles change, orders come, change and move to others, customers are erased."""
    customers: dict[str, Customer] = {}
    orders: dict[str, Order] = {}
    states, payloads = [State({}, {})], []
    for _ in range(draw(st.integers(1, 8))):
        touched = set(draw(st.lists(st.sampled_from(IDS), max_size=2)))
        changed: list[Order] = []
        for number in draw(st.lists(st.integers(1, 4), max_size=2, unique=True)):
            old = orders.get(f"O{number}")
            owner = draw(st.sampled_from(IDS))
            if any(
                name in customers and customers[name].erased_at
                for name in (owner, old.customer_id if old else owner)
            ):
                continue
            order = replace(
                draw(strategies.orders),
                order_id=f"O{number}",
                customer_id=owner,
                version=old.version + 1 if old else 1,
            )
            touched |= {owner, old.customer_id if old else owner}
            changed.append(order)
            orders[order.order_id] = order
        written = []
        for name in sorted(touched):
            known = customers.get(name)
            if known and known.erased_at:
                continue
            version = known.version + 1 if known else 1
            who = replace(draw(strategies.customers), customer_id=name, version=version)
            if draw(st.integers(0, 9)) == 0 and name not in {order.customer_id for order in changed}:
                who = erased(who, MOMENT)
                for order_id in [each.order_id for each in orders.values() if each.customer_id == name]:
                    del orders[order_id]
            customers[name] = who
            written.append(who)
        payloads += encode(written, changed)
        if len(payloads) == len(states):
            states.append(State(dict(customers), dict(orders)))
    return History(states, payloads)
