"""Values of rules and of customers in JSON's types."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crm.audience.rules.values import UntypedLiteral
from crm.customers.customer import TOTALS
from crm.customers.fields import PROFILE
from crm.kernel.moments import Relative
from crm.kernel.money import to_number


def customer_as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a snapshot, by the names of the registered fields; money is in units of the currency."""
    return {
        name: to_number(row[name]) if spec.kind == "money" else as_json(row[name])
        for name, spec in (*PROFILE.items(), *TOTALS.items())
    }


def as_json(value: Any) -> Any:
    """A value of a rule or of a customer."""
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return [as_json(each) for each in value]
        case Decimal():
            return float(value) if value % 1 else int(value)
        case Relative():
            return {"mode": "relative", "anchor": "now", "offset": value.offset, "unit": value.unit}
        case UntypedLiteral():
            kinds = (value.moment, value.number, value.flag, value.text)
            return as_json(next(each for each in kinds if each is not None))
        case _:
            return value
