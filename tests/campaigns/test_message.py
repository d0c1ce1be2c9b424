"""Messages: what is refused when saved, and what a customer receives."""

from datetime import UTC, date, datetime

import pytest

from crm.campaigns.campaign import Message
from crm.campaigns.message import check, render, warnings
from crm.campaigns.templates import MAX_SOURCE
from crm.customers.customer import Customer, Totals
from crm.kernel.errors import Invalid

MIRA = Customer(
    customer_id="C-1",
    known=True,
    email="mira@example.com",
    name="Mira Shah",
    birthday=date(1990, 5, 17),
    tags=("newsletter", "vip"),
    attributes={"shoe_size": 38.0, "loyalty": "gold", "joined": date(2024, 3, 1)},
    totals=Totals(total_spend=12_345_000, order_count=3, last_order_at=datetime(2026, 2, 20, tzinfo=UTC)),
)
NAMELESS = Customer(customer_id="C-2", known=True)

LINK = "https://crm.example.com/api/v1/unsubscribe/token"


def faults(body: str, subject: str | None = None, fields: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as raised:
        check(Message(body=body, subject=subject), fields)
    return [(error.path, error.message) for error in raised.value.errors]


def text(body: str, customer: Customer = MIRA) -> str:
    message = Message(body=body)
    check(message, ("attributes.shoe_size", "attributes.loyalty", "attributes.joined"))
    return render(message, customer, LINK).body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Hi {{ customer.name | default: 'there' }}", "Hi Mira Shah"),
        ("Hi {{ customer.first_name }}", "Hi Mira"),
        ("{{ customer.total_spend }} in {{ customer.order_count }}", "1234.5 in 3"),
        ("{{ customer.tags | join: ', ' }}: {{ customer.tags[0] }}", "newsletter, vip: newsletter"),
        ("{% for tag in customer.tags %}{{ forloop.index }}{{ tag }} {% endfor %}", "1newsletter 2vip "),
        ("{{ customer.birthday | date: '%d %B' }}", "17 May"),
        ("{{ customer.attributes.shoe_size }} {{ customer['attributes'].loyalty }}", "38 gold"),
        ("{{ customer.attributes.joined | date: '%Y' }}", "2024"),
        ("{% if customer.total_spend > 1000 %}big{% endif %}", "big"),
        ("{% assign who = customer.name | upcase %}{{ who }}", "MIRA SHAH"),
        ("{% raw %}{{ nobody }}{% endraw %}", "{{ nobody }}"),
    ],
)
def test_a_message_shows_the_values_of_the_customer(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Hi {{ customer.name | default: 'there' }}", "Hi there"),
        ("Hi {{ customer.name }}!", "Hi !"),
        ("{{ customer.birthday | date: '%d %B' }}.", "."),
        ("{{ customer.attributes.loyalty | default: 'none' }}", "none"),
        ("{{ customer.total_spend }}", "0"),
    ],
)
def test_a_missing_value_is_empty_or_the_default(body: str, expected: str) -> None:
    assert text(body, NAMELESS) == expected


def test_customer_data_is_never_template_code() -> None:
    hostile = Customer(
        customer_id="C-3",
        known=True,
        name="{{ customer.email }}{% for i in (1..9) %}x{% endfor %}",
        email="secret@example.com",
    )
    assert text("Hi {{ customer.name }}", hostile) == f"Hi {hostile.name}"


def test_a_rendered_subject_is_one_line() -> None:
    customer = Customer(customer_id="C-4", name="Mira\r\nBcc: all@example.com")
    rendered = render(Message(body="x", subject="For {{ customer.name }}"), customer, LINK)
    assert rendered.subject == "For Mira Bcc: all@example.com"


def test_a_subject_that_is_too_long_for_this_customer_is_an_error() -> None:
    message = Message(body="x", subject="{{ customer.name }}{{ customer.name }}{{ customer.name }}")
    with pytest.raises(Invalid, match="has more than 500 characters"):
        render(message, Customer(customer_id="C-6", name="x" * 200), LINK)


def test_an_unknown_variable_has_its_position_and_a_suggestion() -> None:
    assert faults("Hi {{ customer.nme }}") == [
        ("message.body", "line 1, column 7: customer.nme is not known; did you mean customer.name?")
    ]


def test_a_fault_has_a_line_and_a_column() -> None:
    with pytest.raises(Invalid) as caught:
        check(Message(body="Hi\n {{ name }}{{"), [])
    assert [(each.line, each.column) for each in caught.value.errors] == [(2, 12)]
    with pytest.raises(Invalid) as caught:
        check(Message(body=" "), [])
    assert [(each.line, each.column) for each in caught.value.errors] == [(None, None)]


def test_one_error_lists_the_faults_of_subject_and_body() -> None:
    found = faults("Hi\n {{ name }} and\n{{ customer.age }}", subject="{{ customer.emial }}")
    assert found == [
        ("message.subject", "line 1, column 4: customer.emial is not known; did you mean customer.email?"),
        ("message.body", "line 2, column 5: name is not known; did you mean customer.name?"),
        ("message.body", "line 3, column 4: customer.age is not known"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{{ customer }}", "line 1, column 4: customer needs a field, like customer.name"),
        ("{% assign c = customer %}x", "line 1, column 15: customer needs a field"),
        ("{{ customer[customer.name] }}", "line 1, column 4: customer[customer.name] is not known"),
        ("{{ customer.name.size }}", "line 1, column 4: customer.name.size is not known"),
        ("{{ customer.attributes.nothing }}", "line 1, column 4: customer.attributes.nothing is not known"),
        ("{{ customer.name | upcse }}", "line 1, column 20: there is no filter upcse; did you mean upcase?"),
        ("Hi {{ customer.name", "line 1, column 4: expected '}}'"),
        ("{% if customer.name %}\nHi", "line 2, column 3: expected tag endif"),
        ("{% include 'other' %}", "line 1, column 4: unexpected tag 'include'"),
        ("{% render 'other' %}", "line 1, column 4: unexpected tag 'render'"),
        ("{{ customer.name | truncate: 1, '', 3 }}", "line 1, column 20: truncate takes at most 2 arguments"),
        ("  \n", "is empty"),
        ("", "is empty"),
        ("x" * (MAX_SOURCE + 1), "has more than 10,000 characters"),
    ],
)
def test_a_message_that_would_not_render_is_refused(body: str, expected: str) -> None:
    (found,) = faults(body)
    assert found[0] == "message.body"
    assert found[1].startswith(expected)


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}",
        "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}",
        "{% assign a = '" + "x" * 4_000 + "' %}{{ a | replace: '', a | replace: '', a }}",
        "{{ " + "customer[" * 900 + "]" * 900 + " }}",
        "{% if true %}" * 200 + "{% endif %}" * 200,
    ],
)
def test_a_template_that_exceeds_the_limits_is_refused(body: str) -> None:
    assert faults(body)


def test_a_message_that_is_empty_for_this_customer_is_an_error() -> None:
    with pytest.raises(Invalid, match="is empty for this customer"):
        render(Message(body="{{ customer.name }}"), NAMELESS, LINK)


def test_a_value_that_a_filter_cannot_take_is_an_error_of_this_customer() -> None:
    message = Message(body="{{ customer.total_spend | divided_by: customer.order_count }}")
    check(message, ())
    assert render(message, MIRA, LINK).body == "411.5"
    with pytest.raises(Invalid, match="line 1, column 27: divided_by cannot divide by 0"):
        render(message, NAMELESS, LINK)


def test_an_error_from_within_a_filter_is_an_error_of_this_customer() -> None:
    odd = Customer(customer_id="C-5", name="9" * 30)
    with pytest.raises(Invalid, match="column 20: date cannot be used on this text with this text"):
        render(Message(body="{{ customer.name | date: '%Y' }}"), odd, LINK)


def test_warnings_name_what_this_customer_lacks_without_a_default() -> None:
    message = Message(
        body="{{ customer.name | default: 'you' }} {{ customer.city | upcase }}"
        "{{ customer.attributes.loyalty }}"
        "{% if customer.phone %}{{ customer.phone }}{% endif %}",
        subject="{{ customer.city }}",
    )
    assert warnings(message, NAMELESS) == [
        "customer.city is empty for this customer and has no default",
        "customer.attributes.loyalty is empty for this customer and has no default",
    ]
    assert warnings(message, MIRA) == ["customer.city is empty for this customer and has no default"]


def test_every_template_may_use_the_link_to_unsubscribe() -> None:
    body = "Hi {{ customer.name }}. No more: {{ unsubscribe_url }}"
    check(Message(body=body), ())
    assert render(Message(body=body), MIRA, LINK).body.endswith(f"No more: {LINK}")
    assert faults("{{ unsubscribe }}") == [("message.body", "line 1, column 4: unsubscribe is not known")]
