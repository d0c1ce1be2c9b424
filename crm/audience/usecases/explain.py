"""Explain why a customer is in an audience or not."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Any

from crm.audience.engine.people import find, orders_of
from crm.audience.engine.snapshot import Snapshot
from crm.audience.json_values import as_json
from crm.audience.rules.describe import describe_node
from crm.audience.rules.expiry import expires_on
from crm.audience.rules.match import Verdict, match
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition
from crm.kernel.errors import NotFound
from crm.kernel.money import to_number


def shown_in_full(node: Node) -> Node:
    """The node as it is."""
    return node


def explain(
    snapshot: Snapshot,
    rules: Group,
    customer_id: str,
    now: datetime,
    zone: tzinfo,
    shown: Callable[[Node], Node] = shown_in_full,
) -> dict[str, Any]:
    """The rule tree with the verdict and the customer's value at each node.

    `{"customer_id","name","matches","rules":node}`. A node has `verdict`, `text` and, by its type, `field`,
    `operator`, `value`, `actual` or `combinator`, `not`, `rules`. A node that holds until a relative time
    passes has `leaves_on`, the day on which it stops holding. `shown` gives a node as it may be shown. Raises
    NotFound for an unknown customer.
    """
    customer = find(snapshot, customer_id)
    if customer is None or not customer.known:
        raise NotFound(f"There is no customer {customer_id!r}.")
    orders = orders_of(snapshot, customer_id)
    verdict = match(rules, customer, orders, now, zone)

    def expiry(node: Node) -> date | None:
        return expires_on(node, customer, orders, now, zone)

    return {
        "customer_id": customer_id,
        "name": customer.name,
        "matches": verdict.holds,
        "rules": _explained(verdict, expiry, shown),
    }


def _explained(
    verdict: Verdict, expiry: Callable[[Node], date | None], shown: Callable[[Node], Node]
) -> dict[str, Any]:
    node = shown(verdict.node)
    found: dict[str, Any] = {"verdict": verdict.holds, "text": describe_node(node)}
    if verdict.holds and (day := expiry(verdict.node)):
        found["leaves_on"] = day.isoformat()
    match node:
        case Group():
            found["combinator"] = node.combinator
            found["not"] = node.negated
            found["rules"] = [_explained(part, expiry, shown) for part in verdict.parts]
        case OrderCondition():
            found["field"] = "orders"
            found["match"] = {"mode": node.mode, "threshold": as_json(node.threshold)}
            if node.amount:
                found["match"]["sum"] = "amount"
            found["actual"] = verdict.actual
            if node.amount and isinstance(verdict.actual, int):
                found["actual"] = to_number(verdict.actual)
        case Condition():
            actual: Any = verdict.actual
            is_money = node.field.kind == "money" and actual is not None
            found["field"] = node.field.name
            found["operator"] = node.operator
            found["value"] = as_json(node.value)
            found["actual"] = to_number(actual) if is_money else as_json(actual)
    return found
