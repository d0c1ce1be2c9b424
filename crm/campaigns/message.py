"""A campaign's message: checked when it is saved, rendered for each customer when it is sent."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

from liquid import BoundTemplate
from liquid.static_analysis import Variable
from liquid.undefined import Undefined

from crm.campaigns.campaign import Message
from crm.campaigns.metered_liquid import Meter
from crm.campaigns.templates import fault_at, known_filters, parsed, rendered
from crm.customers.customer import TOTALS, Customer, Totals, merged
from crm.customers.fields import PROFILE, Kind, Profile, examples_of
from crm.customers.records import CustomerRecord
from crm.kernel.errors import FieldError, Invalid
from crm.kernel.money import SCALE, to_number

_FIELDS: Final = {name: spec for name, spec in (PROFILE | TOTALS).items() if spec.in_templates}

VARIABLES: Final[Mapping[str, str]] = {
    "first_name": "First name",
    **{name: spec.heading for name, spec in _FIELDS.items()},
}
"""The names below `customer.` in every template, with display names; `attributes.<name>` come on top."""

UNSUBSCRIBE = "unsubscribe_url"
"""The template variable for the recipient's link to unsubscribe."""

MAX_SUBJECT_SOURCE = 2_000
"""Characters of a subject's template."""

MAX_SUBJECT = 500
"""Characters of a rendered subject."""

MAX_STEPS = 10_000
"""Steps that rendering one message may take; a step takes up to about a microsecond."""

MAX_SAMPLE_STEPS = 5_000
"""Steps that a message may take for the example customer, and each of a chunk whatever others take."""

SHARED_STEPS = (MAX_STEPS - MAX_SAMPLE_STEPS) // 2
"""Steps that each message of a chunk adds to what is there for its expensive ones.

Messages that take MAX_SAMPLE_STEPS on average, and MAX_STEPS at most, take no more than this from it.
"""

MAX_FAULTS = 20
"""Unknown names of one text that are reported. Each is compared with all known names."""

MAX_SHOWN = 60
"""Characters of an unknown name that a fault shows."""


class Budget:
    """Steps that several messages may take together, and each of them `MAX_STEPS` at most.

    Each message may take `MAX_SAMPLE_STEPS`, however much those before it took: so many are kept back for
    each message that is still to come.
    """

    def __init__(self, steps: int = MAX_STEPS, messages: int = 1) -> None:
        self.left = steps
        self._to_come = messages

    def meter(self) -> Meter:
        """The meter of the next message."""
        self._to_come = max(0, self._to_come - 1)
        return Meter(self._allowed())

    def settle(self, meter: Meter) -> None:
        """Take from the budget what the message with the last meter took, however it ended."""
        self.left -= self._allowed() - max(meter.left, 0)

    def _allowed(self) -> int:
        return max(0, min(MAX_STEPS, self.left - self._to_come * MAX_SAMPLE_STEPS))


def budget_for(customers: int) -> Budget:
    """The budget of the messages to so many customers."""
    return Budget(max(MAX_STEPS, customers * (MAX_SAMPLE_STEPS + SHARED_STEPS)), customers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as rendered for one customer. The subject is one line."""

    subject: str | None
    body: str


def check(message: Message, fields: Collection[str]) -> None:
    """Raise Invalid at `message.body` or `message.subject` unless the message renders within its limits.

    `fields` are the names in the field catalogue; templates may use its `attributes.<name>`. Each fault has
    a line and column, and suggests a similar name if there is one.
    """
    known = {*VARIABLES, *(name for name in fields if name.startswith("attributes."))}
    errors: list[FieldError] = []
    for path, source in _sources(message):
        try:
            template = parsed(source, path)
        except Invalid as error:
            errors += error.errors
            continue
        found = sorted(islice(_unknown(template, known), MAX_FAULTS))
        errors += [fault_at(source, index, path, text) for index, text in found]
    if not message.body.strip():
        errors.append(FieldError("message.body", "is empty"))
    if errors:
        raise Invalid(errors)
    attributes = {name.removeprefix("attributes."): 1 for name in known if name.startswith("attributes.")}
    example = {**_values(_SOMEBODY), "attributes": attributes}
    _rendered_all(message, example, "https://example.com/unsubscribe", Budget(MAX_SAMPLE_STEPS))


def labels_of_variables(fields: Collection[str]) -> dict[str, str]:
    """The names below `customer.` with display names, the `attributes.<name>` of `fields` at the end."""
    attributes = sorted(name for name in fields if name.startswith("attributes."))
    labels = {name: name.removeprefix("attributes.").replace("_", " ").capitalize() for name in attributes}
    return {**VARIABLES, **labels}


def render(message: Message, customer: Customer, link: str, budget: Budget | None = None) -> Rendered:
    """The message for one customer, who unsubscribes at `link`.

    Missing values are empty, or the template's `default`. Raises Invalid if the customer's values cannot be
    rendered, or leave the body empty; TooMuch where they exceed a limit, or what the budget leaves this one.
    """
    texts = _rendered_all(message, _values(customer), link, budget or Budget())
    if not texts["message.body"].strip():
        raise Invalid.at("message.body", "is empty for this customer")
    subject = texts.get("message.subject")
    if subject is not None:
        # One line: a customer's value must not start another header of an e-mail.
        subject = " ".join(subject.split())
        if len(subject) > MAX_SUBJECT:
            raise Invalid.at("message.subject", f"has more than {MAX_SUBJECT} characters for this customer")
    return Rendered(subject=subject, body=texts["message.body"])


def warnings(message: Message, customer: Customer) -> list[str]:
    """One sentence for each value that the message shows without a default and the customer lacks.

    Raises Invalid as `render` does.
    """
    missing: dict[str, None] = {}
    values = {name: _Missing(f"customer.{name}", missing) for name in VARIABLES} | _values(customer)
    values["attributes"] = _Attributes(customer.attributes, missing)
    _rendered_all(message, values, "", Budget())
    return [f"{name} is empty for this customer and has no default" for name in missing]


def _sources(message: Message) -> Iterator[tuple[str, str]]:
    if message.subject is not None:
        yield "message.subject", message.subject
    yield "message.body", message.body


def _rendered_all(
    message: Message, values: Mapping[str, object], link: str, budget: Budget
) -> dict[str, str]:
    variables = {"customer": values, UNSUBSCRIBE: link}
    meter = budget.meter()
    try:
        return {path: rendered(source, path, variables, meter) for path, source in _sources(message)}
    finally:
        budget.settle(meter)


def _values(customer: Customer) -> dict[str, Any]:
    """The customer's values for a template: plain values, amounts as numbers in units of the currency.

    Missing values are left out: Liquid's filters take an undefined value as empty, but some fail on None.
    """
    values = {
        **{name: _value(customer, name, spec.kind) for name, spec in _FIELDS.items()},
        "first_name": (customer.name or "").partition(" ")[0],
        "attributes": {name: _plain(value) for name, value in customer.attributes.items()},
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _value(customer: Customer, name: str, kind: Kind) -> object:
    value = getattr(customer.totals if name in TOTALS else customer, name)
    match kind:
        case "money":
            return _plain(to_number(value))
        case "tags":
            return list(value)
        case _:
            return value


def _plain(value: object) -> object:
    """38.0 is written 38."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unknown(template: BoundTemplate, known: Collection[str]) -> Iterator[tuple[int, str]]:
    """Index and description of each unknown variable and filter in the template."""
    analysis = template.analyze()
    for uses in analysis.globals.values():
        for variable in uses:
            fault = _fault(variable, known)
            if fault:
                yield variable.span.index, fault
    for name, spans in analysis.filters.items():
        if name not in known_filters():
            for span in spans:
                yield span.index, f"there is no filter {name[:MAX_SHOWN]}{_suggestion(name, known_filters())}"


def _fault(variable: Variable, known: Collection[str]) -> str | None:
    name = str(variable)
    root, *segments = variable.segments
    if root == "customer" and all(isinstance(part, str) for part in segments):
        path = ".".join(map(str, segments))
        if path in known or path in ("tags.first", "tags.last", "tags.size"):
            return None
    if root == "customer" and len(segments) == 2 and segments[0] == "tags" and isinstance(segments[1], int):
        return None
    if name == UNSUBSCRIBE:
        return None
    if name == "customer":
        return "customer needs a field, like customer.name"
    return f"{name[:MAX_SHOWN]} is not known{_suggestion(name.removeprefix('customer.'), known, 'customer.')}"


def _suggestion(name: str, candidates: Collection[str], prefix: str = "") -> str:
    close = get_close_matches(name[:MAX_SHOWN], candidates, n=1)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


class _Missing(Undefined):
    """A missing value that records when it is printed. With a `default` filter it is not printed."""

    def __init__(self, name: str, printed: dict[str, None]) -> None:
        super().__init__(name)
        self._printed = printed

    def __str__(self) -> str:
        self._printed[self.name] = None
        return ""


class _Attributes(dict[str, object]):
    """A customer's attributes; every other name gives a `_Missing`."""

    def __init__(self, values: Mapping[str, object], printed: dict[str, None]) -> None:
        super().__init__({name: _plain(value) for name, value in values.items() if value != ""})
        self._printed = printed

    def __missing__(self, name: str) -> _Missing:
        return _Missing(f"customer.attributes.{name}", self._printed)


_AT: Final = datetime(2026, 2, 20, 18, 5, tzinfo=UTC)
_SOMEBODY: Final = replace(
    merged(Customer(customer_id="C-1"), CustomerRecord(**{**examples_of(Profile), "updated_at": _AT})),
    totals=Totals(total_spend=1_234 * SCALE, order_count=3, first_order_at=_AT, last_order_at=_AT),
)
