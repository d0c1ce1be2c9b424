"""A second, deliberately plain implementation of what a rule tree means: for one customer, from the JSON
itself.

Written for tests only, and apart from everything that answers in earnest: it uses nothing of `crm.audience`,
nor the parser, its values or its calendar. It is slow, and it takes only trees that the parser accepts.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Any

from crm.customers.customer import Customer
from crm.customers.order import Order

MONEY = ("total_spend", "amount")
NEGATIVE = {"!=": "=", "notIn": "in", "notBetween": "between", "doesNotContain": "contains"}
DAY = timedelta(days=1)


class Naive:
    """The time and zone of an answer."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self.now = now
        self.zone = zone
        self.today = now.astimezone(zone).date()

    def matches(self, node: Any, who: Customer, orders: Sequence[Order]) -> bool:
        """Whether a rule or a group holds for the customer, all of whose orders are given."""
        if "combinator" in node:
            return self._grouped(node, [self.matches(each, who, orders) for each in node["rules"]])
        if node["field"] == "orders":
            return self._behaved(node, orders)
        return self._compared(node, self._value(who, node["field"]))

    def _grouped(self, group: Any, verdicts: Sequence[bool]) -> bool:
        if not verdicts:
            holds = True
        elif group["combinator"] == "and":
            holds = False not in verdicts
        else:
            holds = True in verdicts
        return not holds if group.get("not") else holds

    def _behaved(self, node: Any, orders: Sequence[Order]) -> bool:
        total = Fraction(0)
        for order in orders:
            counts = order.status == "completed" or '"status"' in str(node["value"]).replace("'", '"')
            if counts and self._order_fits(node["value"], order):
                total += Fraction(order.amount, 10_000) if "sum" in node["match"] else 1
        if node["match"]["mode"] == "none":
            return total == 0
        threshold = exact(node["match"]["threshold"]) or Fraction(0)
        return {
            "atLeast": total >= threshold,
            "atMost": total <= threshold,
            "exactly": total == threshold,
        }[node["match"]["mode"]]

    def _order_fits(self, node: Any, order: Order) -> bool:
        if "combinator" in node:
            return self._grouped(node, [self._order_fits(each, order) for each in node["rules"]])
        return self._compared(node, getattr(order, node["field"]))

    def _value(self, who: Customer, name: str) -> Any:
        if name.startswith("attributes."):
            return who.attributes.get(name.split(".")[1])
        if name.startswith("consents."):
            return {str(channel): given for channel, given in who.consents.items()}.get(name.split(".")[1])
        if name in ("total_spend", "order_count", "first_order_at", "last_order_at"):
            return getattr(who.totals, name)
        if name == "days_to_birthday":
            return None if who.birthday is None else self._days_to(who.birthday)
        return getattr(who, name)

    def _days_to(self, birthday: date) -> int:
        """Walks through the calendar until the birthday comes."""
        days = 0
        while True:
            day = self.today + days * DAY
            tomorrow = day + DAY
            instead = (birthday.month, birthday.day) == (2, 29) and (day.month, tomorrow.month) == (2, 3)
            if (day.month, day.day) == (birthday.month, birthday.day) or instead:
                return days
            days += 1

    def _compared(self, node: Any, actual: Any) -> bool:
        field, operator, value = node["field"], node["operator"], node.get("value")
        if operator == "null":
            return actual is None or actual == ()
        if operator == "notNull":
            return not (actual is None or actual == ())
        if actual is None:
            return False
        if operator in NEGATIVE:
            return not self._compared({**node, "operator": NEGATIVE[operator]}, actual)
        if field == "tags":
            return any(tag in actual for tag in (value if operator == "in" else [value]))
        if operator in ("contains", "beginsWith", "endsWith"):
            return isinstance(actual, str) and has_part(operator, actual.lower(), value.lower())
        if operator == "in":
            return any(self._relation(field, actual, each, True) == "same" for each in value)
        if operator == "between":
            above = self._relation(field, actual, value[0], False) in ("above", "same")
            return above and self._relation(field, actual, value[1], False) in ("below", "same")
        relation = self._relation(field, actual, value, operator == "=")
        return (
            relation
            in {
                "=": ("same",),
                "<": ("below",),
                "<=": ("below", "same"),
                ">": ("above",),
                ">=": ("above", "same"),
            }[operator]
        )

    def _relation(self, field: str, actual: Any, value: Any, equality: bool) -> str | None:
        """How a value that is there stands to the rule's; None where the two cannot be compared."""
        if isinstance(actual, bool):
            return "same" if value is actual or value == str(actual).lower() else None
        if isinstance(actual, str):
            return "same" if isinstance(value, str) and actual == value else None
        if isinstance(actual, datetime):
            return self._relation_of_instants(actual, value, equality)
        if isinstance(actual, date):
            day = self._day(value)
            return None if day is None else relation_of(actual, day)
        number = exact(value)
        if number is None:
            return None
        if field.startswith("attributes."):
            return relation_of(actual, float(number))
        return relation_of(Fraction(actual, 10_000) if field in MONEY else Fraction(actual), number)

    def _relation_of_instants(self, actual: datetime, value: Any, equality: bool) -> str:
        """A day stands for all its instants, and so does "equal to 7 days ago"."""
        named = isinstance(value, str) and len(value) == 10
        counted = isinstance(value, dict) and equality and value["unit"] != "hour"
        if named or counted:
            day = self._day(value)
            assert day is not None
            return relation_of(actual.astimezone(self.zone).date(), day)
        return relation_of(actual, self._instant(value))

    def _day(self, value: Any) -> date | None:
        """The day that a value lies on in the zone; None of what is no time."""
        if isinstance(value, str) and len(value) == 10 and value[4] == "-":
            return date.fromisoformat(value)
        if isinstance(value, dict) or (isinstance(value, str) and value[4:5] == "-"):
            return self._instant(value).astimezone(self.zone).date()
        return None

    def _instant(self, value: Any) -> datetime:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=self.zone).astimezone(UTC)
        offset, unit = value["offset"], value["unit"]
        if unit == "hour":
            return self.now + timedelta(hours=offset)
        wall = self.now.astimezone(self.zone).replace(tzinfo=None)
        if unit in ("day", "week"):
            wall += offset * (7 if unit == "week" else 1) * DAY
        else:
            wall = months_on(wall, offset * (12 if unit == "year" else 1))
        return wall.replace(tzinfo=self.zone).astimezone(UTC)


def months_on(at: datetime, months: int) -> datetime:
    """One month after the other, then back to the day or the last one before it."""
    first = at.replace(day=1)
    for _ in range(abs(months)):
        first = (first + 31 * DAY if months > 0 else first - DAY).replace(day=1)
    for day in range(at.day, 0, -1):
        try:
            return first.replace(day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def has_part(operator: str, text: str, part: str) -> bool:
    places = [place for place in range(len(text)) if text[place : place + len(part)] == part]
    if operator == "beginsWith":
        return 0 in places
    return len(text) - len(part) in places if operator == "endsWith" else bool(places)


def relation_of(one: Any, other: Any) -> str:
    return "below" if one < other else "above" if one > other else "same"


def exact(value: Any) -> Fraction | None:
    """A number, also one in text; None of anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return Fraction(str(value))
    except ValueError:
        return None
