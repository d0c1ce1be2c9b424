"""Questions about the audience: how many, who, and why or why not.

All answer from one snapshot, so that the numbers of a page agree. Nothing here reads a clock or a database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

import polars as pl

from crm.audience.compile import members
from crm.audience.describe import describe, describe_node
from crm.audience.fields import catalogue
from crm.audience.match import Verdict, match
from crm.audience.people import find, orders_of
from crm.audience.reach import REASONS, reason_column
from crm.audience.snapshot import Snapshot
from crm.domain.errors import NotFound
from crm.domain.moments import Relative
from crm.domain.money import to_number
from crm.domain.records import Channel
from crm.domain.rule_values import Loose
from crm.domain.rules import Behaviour, Condition, Group

SAMPLE: Final = 10
"""People shown of an audience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An audience in figures. `matched - reachable` is the sum of `excluded`, which names reasons that occur.

    `sample` is the first few of the matched by id, as rows for people with a `reason` where unreachable.
    `total` counts all customers, `description` says the rules in words.
    """

    matched: int
    reachable: int
    excluded: Mapping[str, int]
    total: int
    as_of: datetime
    sample: Sequence[Mapping[str, Any]]
    description: str

    def as_json(self) -> dict[str, Any]:
        """The answer of the API."""
        return {
            "matched": self.matched,
            "reachable": self.reachable,
            "excluded": dict(self.excluded),
            "total": self.total,
            "as_of": self.as_of.isoformat(),
            "sample": list(self.sample),
            "description": self.description,
        }


def preview(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel) -> Preview:
    """How many customers the rules match, how many of them the channel reaches, and why not the others."""
    matched = _matched(snapshot, rules, now, zone, channel)
    counts = dict(matched["reason"].value_counts().iter_rows())
    return Preview(
        matched=matched.height,
        reachable=matched["reason"].null_count(),
        excluded={reason: counts[reason] for reason in REASONS if reason in counts},
        total=snapshot.total,
        as_of=snapshot.as_of,
        sample=[
            {**_row(snapshot.customers.row(place, named=True)), "reason": reason}
            for place, reason in matched.select("row", "reason").head(SAMPLE).iter_rows()
        ],
        description=describe(rules),
    )


def recipients(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel) -> list[str]:
    """The ids of those whom the rules match and the channel reaches, in order."""
    matched = _matched(snapshot, rules, now, zone, channel)
    ids: list[str] = matched.filter(pl.col("reason").is_null())["customer_id"].to_list()
    return ids


def explain(
    snapshot: Snapshot, rules: Group, customer_id: str, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    """The rule tree with, at each node, whether it holds for the customer and the customer's own value.

    `{"customer_id","name","matches","rules":node}`; a node has `verdict`, `text` in words and, by its sort,
    `field`, `operator`, `value`, `actual`, or `combinator`, `not`, `rules`. Raises NotFound for a customer
    that is not there.
    """
    customer = find(snapshot, customer_id)
    if customer is None or not customer.known:
        raise NotFound(f"There is no customer {customer_id!r}.")
    verdict = match(rules, customer, orders_of(snapshot, customer_id), now, zone)
    return {
        "customer_id": customer_id,
        "name": customer.name,
        "matches": verdict.holds,
        "rules": _explained(verdict),
    }


def field_catalogue(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The fields that a rule may name, in react-querybuilder's JSON, with the values that occur."""
    return catalogue(snapshot)


def search_customers(
    snapshot: Snapshot, query: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Rows of customers whose name, e-mail or id holds `query`, whatever its case; by id, from `after` on."""
    wanted = pl.col("known")
    if after is not None:
        wanted &= pl.col("customer_id") > after
    if query and (part := query.strip().lower()):
        wanted &= pl.any_horizontal(
            pl.col(name).str.to_lowercase().str.contains(part, literal=True).fill_null(False)
            for name in ("name", "email", "customer_id")
        )
    found = snapshot.customers.lazy().filter(wanted).head(limit).collect()
    return [_row(row) for row in found.iter_rows(named=True)]


def _matched(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel) -> pl.DataFrame:
    """The matching customers by id: `row`, `customer_id`, and the `reason` why the channel misses them.

    Only these columns: to take along whole rows of an audience costs more than to find it.
    """
    reason = reason_column(channel)
    columns = dict.fromkeys(["customer_id", *reason.meta.root_names()])
    matched = (
        snapshot.customers.select(*columns).with_row_index("row").filter(members(snapshot, rules, now, zone))
    )
    return matched.select("row", "customer_id", reason)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A customer as a line of a list, in JSON's types."""
    return {
        "customer_id": row["customer_id"],
        "name": row["name"],
        "email": row["email"],
        "phone": row["phone"],
        "city": row["city"],
        "country": row["country"],
        "tags": list(row["tags"]),
        "consent": row["consent"],
        "visits": row["visits"],
        "created_at": _json(row["created_at"]),
        "last_active_at": _json(row["last_active_at"]),
        "total_spend": to_number(row["total_spend"]),
        "order_count": row["order_count"],
        "last_order_at": _json(row["last_order_at"]),
    }


def _explained(verdict: Verdict) -> dict[str, Any]:
    node = verdict.node
    found: dict[str, Any] = {"verdict": verdict.holds, "text": describe_node(node)}
    match node:
        case Group():
            found["combinator"] = node.combinator
            found["not"] = node.negated
            found["rules"] = [_explained(part) for part in verdict.parts]
        case Behaviour():
            found["field"] = "orders"
            found["match"] = {"mode": node.mode, "threshold": node.threshold}
            found["actual"] = verdict.actual
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
        case Loose():
            kinds = (value.moment, value.number, value.flag, value.text)
            return _json(next(each for each in kinds if each is not None))
        case _:
            return value
