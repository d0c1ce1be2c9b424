"""How fast messages are rendered, and how long the most expensive template takes.

`python -m bench.rendering`, in processor time.
"""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from crm.campaigns import templates
from crm.campaigns.campaign import Message
from crm.campaigns.message import Budget, budget_for, render
from crm.customers.customer import Customer, Totals
from crm.kernel.errors import Invalid
from tests.security.hostile_templates import BOUNDED, REFUSED

COUNT: Final = 10_000
LINK: Final = "https://crm.example.com/api/v1/unsubscribe/token"

MESSAGES: Final = {
    "a sentence": Message(
        subject="For {{ customer.name }}",
        body="Hi {{ customer.first_name | default: 'there' }}, here is 10% off. {{ unsubscribe_url }}",
    ),
    "conditions and a loop": Message(
        subject="{{ customer.first_name }}, {{ customer.attributes.loyalty | default: 'hi' }}",
        body="Hi {{ customer.first_name | default: 'there' | capitalize }}, "
        "{% if customer.total_spend > 1000 %}as one of our best{% else %}hello{% endif %} "
        "{% if customer.tags contains 'vip' %}VIP{% endif %} from {{ customer.city }} "
        "{% for tag in customer.tags %}{{ tag | upcase }}{% unless forloop.last %}, {% endunless %}"
        "{% endfor %} "
        "last order {{ customer.last_order_at | date: '%d %B %Y' }} {{ unsubscribe_url }}",
    ),
}


def person(number: int) -> Customer:
    return Customer(
        customer_id=f"C-{number}",
        known=True,
        email=f"c{number}@example.com",
        name=f"Mira Shah {number}",
        city="Bern",
        tags=("newsletter", "vip"),
        attributes={"loyalty": "gold"},
        totals=Totals(
            total_spend=number * 10_000,
            order_count=number % 5,
            last_order_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
    )


def ordinary(name: str, message: Message) -> None:
    people = [person(number) for number in range(COUNT)]
    budget = budget_for(COUNT)
    whole = budget.left
    begin = time.process_time()
    for each in people:
        render(message, each, LINK, budget)
    taken = time.process_time() - begin
    print(f"{name}: {COUNT / taken:,.0f} messages/s, {(whole - budget.left) / COUNT:.0f} steps each")


def worst() -> None:
    """The most expensive of the hostile templates: best of five, so that other load does not count."""
    found: list[tuple[float, str]] = []
    for name, body in {**REFUSED, **BOUNDED}.items():
        try:
            templates.parsed(body, "message.body")
        except Invalid:
            continue
        found.append((min(_once(body) for _ in range(5)), name))
    taken, name = max(found)
    print(f"most expensive of {len(found)} hostile templates, {name}: {taken * 1000:.0f} ms")


def _once(body: str) -> float:
    begin = time.process_time()
    with suppress(Invalid):
        render(Message(body=body), person(1), LINK, Budget())
    return time.process_time() - begin


if __name__ == "__main__":
    for title, text in MESSAGES.items():
        ordinary(title, text)
    worst()
