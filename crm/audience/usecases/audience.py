"""Questions about the audience: how many, who, and why or why not.

All answer from one snapshot, so that the numbers of a page agree. Nothing here reads a clock or a database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl

from crm.audience.engine.catalogue import catalogue
from crm.audience.engine.compile import members
from crm.audience.engine.conditions import text_holds
from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part
from crm.audience.engine.people import find, orders_of
from crm.audience.engine.reach import reasons
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules.describe import describe, describe_node
from crm.audience.rules.expiry import leaves_on
from crm.audience.rules.match import Verdict, match
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition
from crm.audience.rules.values import UntypedLiteral
from crm.customers.customer import TOTALS
from crm.customers.fields import PROFILE
from crm.customers.reach import REASONS
from crm.customers.values import Channel
from crm.kernel.errors import NotFound
from crm.kernel.moments import Relative
from crm.kernel.money import to_number

SAMPLE: Final = 10
"""People shown of an audience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An audience in figures. `matched - reachable` is the sum of `excluded`, which names reasons that occur.

    `sample` is some of the matched by id, as rows for people with a `reason` where unreachable.
    `total` counts all customers, `description` says the rules in words.
    """

    matched: int
    reachable: int
    excluded: Mapping[str, int]
    total: int
    sample: Sequence[Mapping[str, Any]]
    description: str


def preview(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel) -> Preview:
    """How many customers the rules match, how many of them the channel reaches, and why not the others."""
    found = members(snapshot, rules, now, zone)
    matched = sum(int(np.count_nonzero(mask)) for _, mask in found)
    excluded = {
        reason: sum(int(np.count_nonzero(mask & reasons(part, channel)[reason])) for part, mask in found)
        for reason in REASONS
    }
    return Preview(
        matched=matched,
        reachable=matched - sum(excluded.values()),
        excluded={reason: count for reason, count in excluded.items() if count},
        total=snapshot.total,
        sample=_sample(found, channel),
        description=describe(rules),
    )


def recipients(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel) -> list[str]:
    """The ids of those whom the rules match and the channel reaches, in order."""
    ids: list[str] = []
    for part, mask in members(snapshot, rules, now, zone):
        for unreachable in reasons(part, channel).values():
            mask = mask & ~unreachable
        ids += part.ids.filter(pl.Series(mask)).to_list()
    return sorted(ids)


def explain(
    snapshot: Snapshot, rules: Group, customer_id: str, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    """The rule tree with, at each node, whether it holds for the customer and the customer's own value.

    `{"customer_id","name","matches","rules":node}`; a node has `verdict`, `text` in words and, by its sort,
    `field`, `operator`, `value`, `actual`, or `combinator`, `not`, `rules`. One that holds because of a time
    relative to now has `leaves_on`, the day on which it stops holding. Raises NotFound for a customer
    that is not there.
    """
    customer = find(snapshot, customer_id)
    if customer is None or not customer.known:
        raise NotFound(f"There is no customer {customer_id!r}.")
    orders = orders_of(snapshot, customer_id)
    verdict = match(rules, customer, orders, now, zone)

    def leaves(node: Node) -> date | None:
        return leaves_on(node, customer, orders, now, zone)

    return {
        "customer_id": customer_id,
        "name": customer.name,
        "matches": verdict.holds,
        "rules": _explained(verdict, leaves),
    }


def field_catalogue(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The fields that a rule may name, in react-querybuilder's JSON, with the values that occur."""
    return catalogue(snapshot)


def search_customers(
    snapshot: Snapshot, query: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Rows of customers whose name, e-mail or id holds `query`, whatever its case; by id, from `after` on."""
    part_of_text = query.strip().lower() if query else ""
    found = [
        (customer_id, part, row)
        for part, counts in snapshot.parts
        for customer_id, row in _first_found(part, counts, part_of_text, after, limit)
    ]
    found.sort(key=lambda each: each[0])
    return [_row(part.some(np.array([row], np.uint32))[0]) for _, part, row in found[:limit]]


def _first_found(
    part: Part, counts: Mask, part_of_text: str, after: str | None, limit: int
) -> Iterator[tuple[str, int]]:
    """The first customers by id, from `after` on, of whom a text has that part: their ids and rows."""
    wanted = counts
    if part_of_text:
        holds = partial(text_holds, operator="contains", values=[part_of_text])
        open_ = counts
        for name in ("name", "email", "customer_id"):
            open_ = open_ & ~part.texts(name).where(holds, open_, part_of_text)
        wanted = counts & ~open_
    rows = pl.DataFrame({"id": part.ids, "wanted": wanted}).with_row_index("row").filter("wanted")
    if after is not None:
        rows = rows.filter(pl.col("id") > after)
    yield from rows.bottom_k(limit, by="id").select("id", "row").iter_rows()


def _sample(found: Sequence[tuple[Part, Mask]], channel: Channel) -> list[Mapping[str, Any]]:
    """Ten of the matched, always the same ones whatever part they are in; by id."""
    drawn: list[tuple[int, dict[str, Any]]] = []
    for part, mask in found:
        rows = part.sample(mask, SAMPLE)
        whys = reasons(part, channel).items()
        for key, row, told in zip(part.keys[rows], rows, part.some(rows), strict=True):
            reason = next((reason for reason, why in whys if why[row]), None)
            drawn.append((int(key), {**_row(told), "reason": reason}))
    people = [person for _, person in sorted(drawn, key=lambda each: each[0])[:SAMPLE]]
    return sorted(people, key=lambda each: str(each["customer_id"]))


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A customer as a line of a list, in JSON's types."""
    return {
        name: to_number(row[name]) if spec.kind == "money" else _json(row[name])
        for name, spec in (*PROFILE.items(), *TOTALS.items())
    }


def _explained(verdict: Verdict, leaves: Callable[[Node], date | None]) -> dict[str, Any]:
    node = verdict.node
    found: dict[str, Any] = {"verdict": verdict.holds, "text": describe_node(node)}
    if verdict.holds and (day := leaves(node)):
        found["leaves_on"] = day.isoformat()
    match node:
        case Group():
            found["combinator"] = node.combinator
            found["not"] = node.negated
            found["rules"] = [_explained(part, leaves) for part in verdict.parts]
        case OrderCondition():
            found["field"] = "orders"
            found["match"] = {"mode": node.mode, "threshold": _json(node.threshold)}
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
            found["value"] = _json(node.value)
            found["actual"] = to_number(actual) if is_money else _json(actual)
    return found


def _json(value: Any) -> Any:
    """Values of rules and customers in JSON's types."""
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return [_json(each) for each in value]
        case Decimal():
            return float(value) if value % 1 else int(value)
        case Relative():
            return {"mode": "relative", "anchor": "now", "offset": value.offset, "unit": value.unit}
        case UntypedLiteral():
            kinds = (value.moment, value.number, value.flag, value.text)
            return _json(next(each for each in kinds if each is not None))
        case _:
            return value
