"""Rows of a table as records, and what each changes of what is stored."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from crm.customers.checks import AHEAD, is_ahead, stamped
from crm.customers.customer import MAPPINGS, Customer, merged
from crm.customers.fields import PROFILE
from crm.customers.order import ORDER, Order, joined, of_record
from crm.customers.packs import MODELS, Record
from crm.customers.records import CustomerRecord
from crm.imports.columns import SPECS, Entity, Plan, record
from crm.imports.file_import import ERASED, Outcome, Result
from crm.imports.tables import Row
from crm.kernel.errors import FieldError
from crm.kernel.validation import found_by

_TIMES: Final = frozenset(
    name for specs in SPECS.values() for name, spec in specs.items() if spec.kind in ("day", "instant")
)
_DOTTED_DAY: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_DECIMAL_COMMA: Final = re.compile(r"[-+]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with its record, or with the fault that makes it invalid."""

    row: Row
    record: Record | None
    fault: Result | None

    @property
    def customer_id(self) -> str:
        """The id of the customer in the row; empty where it names none."""
        if self.record is not None:
            return self.record.customer_id
        return self.fault.customer_id if self.fault is not None else ""


def check_row(plan: Plan, kind: Entity, row: Row, delimiter: str, at: datetime) -> CheckedRow:
    """The stamped record of a row, or its fault."""
    try:
        values = values_of(plan, row, delimiter)
    except ValueError as error:
        return CheckedRow(row, None, Result(row=row.number, outcome="invalid", reason=str(error)))
    try:
        made = MODELS[kind].model_validate(values)
    except ValidationError as error:
        return CheckedRow(row, None, _fault(plan, row, values, found_by(error)))
    if is_ahead(made, at):
        return CheckedRow(row, None, _fault(plan, row, values, [FieldError("updated_at", AHEAD)]))
    return CheckedRow(row, stamped(made, at, row.number), None)


def values_of(plan: Plan, row: Row, delimiter: str) -> dict[str, Any]:
    """The values of a row, with dates like 1.3.2026, and decimal commas, in the form that records take.

    Files with semicolons between cells write decimals with a comma.
    Raises ValueError if the row has more or fewer cells than the header.
    """
    values = record(plan, row.cells)
    for name in values.keys() & _TIMES:
        if day := _DOTTED_DAY.fullmatch(values[name]):
            values[name] = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    amount = values.get("amount")
    if delimiter == ";" and amount and _DECIMAL_COMMA.fullmatch(amount):
        values["amount"] = amount.replace(".", "").replace(",", ".")
    return values


def judge(
    checked: CheckedRow, customer: Customer | None, order: Order | None
) -> tuple[Result, Customer | Order | None]:
    """The result of a row, given the stored customer and order, and what is stored after it.

    Of an erased customer's row not even the id is kept.
    """
    made = checked.record
    if customer is not None and customer.erased_at is not None:
        return Result(row=checked.row.number, outcome="skipped", reason=ERASED), None
    if made is None:
        assert checked.fault is not None
        return checked.fault, None
    own = made.customer_id if isinstance(made, CustomerRecord) else made.order_id
    after: Customer | Order | None
    outcome: Outcome = "updated"
    reason = ""
    if isinstance(made, CustomerRecord):
        before = customer or Customer(customer_id=made.customer_id)
        after = merged(before, made)
        if not before.known:
            outcome = "created"
        elif _same_person(before, after):
            outcome, reason = "skipped", "nothing in it is new"
    else:
        after = of_record(made) if order is None else joined(order, of_record(made))
        if order is None:
            outcome = "created"
        elif after is order:
            outcome, reason = "skipped", "a newer one is stored"
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


def _fault(plan: Plan, row: Row, values: Mapping[str, Any], faults: Sequence[FieldError]) -> Result:
    """The result of an invalid row. If it does not name its customer well, an erasure could not find it, so
    nothing of what is in it is kept."""
    first = faults[0]
    named = first.path.split(".")
    places = [
        place
        for place, target in enumerate(plan.fields)
        if target is not None and list(target.path) == named[: len(target.path)]
    ]
    column = plan.header[places[0]] if places else ""
    reason = f"{first.path}: {first.message}"[:300]
    if any(fault.path == "customer_id" for fault in faults):
        return Result(row=row.number, outcome="invalid", reason=reason, column=column)
    own = _text(values.get("customer_id"))
    return Result(
        row=row.number,
        outcome="invalid",
        id=_text(values.get("order_id")) or own,
        customer_id=own,
        reason=reason,
        column=column,
        value=row.cells[places[0]][:100] if places else "",
    )


def _text(value: Any) -> str:
    return value[:128] if isinstance(value, str) else ""
