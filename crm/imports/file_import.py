"""An import: a file of customers or orders, what became of each row, and how far it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import ValidationError

from crm.customers.customer import MAPPINGS, Customer, merged
from crm.customers.fields import PROFILE
from crm.customers.order import ORDER, Order, is_newer, of_record
from crm.customers.packs import MODELS, Record
from crm.customers.records import CustomerRecord
from crm.imports.columns import SPECS, Entity, Plan, record
from crm.imports.tables import Row
from crm.kernel.validation import found_by

MAX_FILE: Final = 25 * 1024 * 1024
MAX_ROWS: Final = 100_000
PART: Final = 500
"""Rows of which the results are one document, and what is stored one read."""

KEPT: Final = timedelta(days=30)
"""How long it is known what became of the rows."""

SHOWN: Final = 50
"""Problems that an import tells of at once; the file of its results has all."""

AHEAD: Final = timedelta(days=1)
"""How far a source's clock may be ahead, as in ingest."""

Outcome = Literal["created", "updated", "skipped", "invalid"]
State = Literal["checking", "handing_over", "done"]

_MICROSECOND: Final = timedelta(microseconds=1)
_TIMES: Final = frozenset(
    name for specs in SPECS.values() for name, spec in specs.items() if spec.kind in ("day", "instant")
)
_DOTTED_DAY: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_DECIMAL_COMMA: Final = re.compile(r"[-+]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]{1,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a row. `customer_id` is whom it speaks of; `id` the row's own, of a customer the same.

    `column` and `value` say where it is wrong.
    """

    row: int
    outcome: Outcome
    id: str = ""
    customer_id: str = ""
    reason: str = ""
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import and how far it is. Rows that say nothing of their time are held to be of `at`.

    `digest` is of the file and its mapping, so that a repeated call is known to be the same; `handed` counts
    the parts that the broker has.
    """

    import_id: str
    kind: Entity
    dry_run: bool
    at: datetime
    by: str
    digest: str
    file_name: str
    rows: int
    state: State = "checking"
    checked: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    invalid: int = 0
    handed: int = 0
    problems: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A row as a record, or what is wrong with it."""

    row: Row
    record: Record | None
    fault: Result | None


def check_row(plan: Plan, kind: Entity, row: Row, delimiter: str, at: datetime) -> Checked:
    """The stamped record of a row. A file that parts cells by semicolons writes decimals with a comma."""
    try:
        values = record(plan, row.cells)
    except ValueError as error:
        return Checked(row, None, Result(row=row.number, outcome="invalid", reason=str(error)))
    for name in values.keys() & _TIMES:
        if day := _DOTTED_DAY.fullmatch(values[name]):
            values[name] = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    amount = values.get("amount")
    if delimiter == ";" and amount and _DECIMAL_COMMA.fullmatch(amount):
        values["amount"] = amount.replace(".", "").replace(",", ".")
    try:
        made = MODELS[kind].model_validate(values)
    except ValidationError as error:
        first = found_by(error)[0]
        return Checked(row, None, _fault(plan, row, values, first.path, first.message))
    if made.updated_at is None:
        # A later row of the same file counts for more than an earlier one.
        made = made.model_copy(update={"updated_at": at + row.number * _MICROSECOND})
    elif made.updated_at > at + AHEAD:
        return Checked(row, None, _fault(plan, row, values, "updated_at", "is more than a day in the future"))
    return Checked(row, made, None)


def judge(
    checked: Checked, customer: Customer | None, order: Order | None
) -> tuple[Result, Customer | Order | None]:
    """What a row changes of what is stored, and what is stored then."""
    made = checked.record
    if made is None:
        assert checked.fault is not None
        return checked.fault, None
    own = made.customer_id if isinstance(made, CustomerRecord) else made.order_id
    after: Customer | Order | None
    outcome: Outcome = "updated"
    reason = ""
    if customer is not None and customer.erased_at is not None:
        outcome, reason, after = "skipped", "this customer was erased", None
    elif isinstance(made, CustomerRecord):
        before = customer or Customer(customer_id=made.customer_id)
        after = merged(before, made)
        if not before.known:
            outcome = "created"
        elif _same_person(before, after):
            outcome, reason = "skipped", "nothing in it is new"
    else:
        after = of_record(made)
        if order is None:
            outcome = "created"
        elif not is_newer(after, order):
            outcome, reason, after = "skipped", "a newer one is stored", order
        elif _same_order(order, after):
            outcome, reason, after = "skipped", "nothing in it is new", order
    found = Result(
        row=checked.row.number, outcome=outcome, id=own, customer_id=made.customer_id, reason=reason
    )
    return found, after


def _same_person(before: Customer, after: Customer) -> bool:
    return all(getattr(before, name) == getattr(after, name) for name in (*PROFILE, *MAPPINGS))


def _same_order(before: Order, after: Order) -> bool:
    return all(getattr(before, name) == getattr(after, name) for name in ORDER if name != "updated_at")


def _fault(plan: Plan, row: Row, values: Mapping[str, Any], path: str, reason: str) -> Result:
    named = path.split(".")
    places = [
        place
        for place, target in enumerate(plan.fields)
        if target is not None and list(target.path) == named[: len(target.path)]
    ]
    own = _text(values.get("customer_id"))
    return Result(
        row=row.number,
        outcome="invalid",
        id=_text(values.get("order_id")) or own,
        customer_id=own,
        reason=f"{path}: {reason}"[:300],
        column=plan.header[places[0]] if places else "",
        value=row.cells[places[0]][:100] if places else "",
    )


def _text(value: Any) -> str:
    return value[:128] if isinstance(value, str) else ""


def tally(results: Sequence[Result]) -> dict[Outcome, int]:
    """How many rows ended so."""
    found: dict[Outcome, int] = {"created": 0, "updated": 0, "skipped": 0, "invalid": 0}
    for result in results:
        found[result.outcome] += 1
    return found
