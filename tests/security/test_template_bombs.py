"""No template takes memory or time without bound: neither to read, nor to check, nor to render."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.campaigns import templates
from crm.campaigns.campaign import Message
from crm.campaigns.message import MAX_SAMPLE_STEPS, MAX_STEPS, Budget, check, render
from crm.campaigns.metered_liquid import MAX_OUTPUT, Meter, MeteredEnvironment
from crm.customers.customer import Customer, Totals
from crm.kernel.errors import Invalid
from tests.security.hostile_templates import BOUNDED, REFUSED

LINK: Final = "https://crm.example.com/unsubscribe"

MOST_MEMORY: Final = 8_000_000
"""Bytes that reading, checking and rendering one template may take together."""

CUSTOMER: Final = Customer(
    customer_id="C-1",
    known=True,
    name="Mira Shah",
    email="mira@example.com",
    tags=("newsletter", "vip"),
    totals=Totals(total_spend=12_345_000, order_count=3),
)
MOST_FAITHFUL: Final = replace(CUSTOMER, totals=Totals(total_spend=10**13, order_count=10**9))


@contextmanager
def little_memory() -> Iterator[None]:
    """What is done in the block never holds more than `MOST_MEMORY`."""
    templates._parsed.cache_clear()
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_a_template_that_would_take_too_much_is_refused(body: str) -> None:
    with little_memory(), pytest.raises(Invalid) as raised:
        check(Message(body=body), ())
    assert {error.path for error in raised.value.errors} == {"message.body"}
    assert all(len(error.message) < 300 for error in raised.value.errors)


@pytest.mark.parametrize("name", ["long conditions", "long paths", "many arguments", "long cycles"])
def test_a_template_of_very_many_expressions_is_refused_unread(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = REFUSED[name]
    assert len(body) < templates.MAX_SOURCE
    monkeypatch.setattr(MeteredEnvironment, "metered", lambda *_: pytest.fail("it was read"))
    templates._parsed.cache_clear()
    with pytest.raises(Invalid, match="more than 2,000 names and values within tags"):
        check(Message(body=body), ())


def test_a_long_message_has_fewer_expressions_than_are_refused() -> None:
    body = "Hi {{ customer.first_name | default: 'you' }}{% if customer.city %}!{% endif %}\n" * 120
    assert len(body) > 0.9 * templates.MAX_SOURCE
    check(Message(body=body), ())


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_a_template_that_passed_an_earlier_check_fails_for_each_customer_alone(body: str) -> None:
    budget = Budget(3 * MAX_STEPS)
    with little_memory():
        for _ in range(2):
            with pytest.raises(Invalid):
                render(Message(body=body), CUSTOMER, LINK, budget)
    assert budget.left >= MAX_STEPS


@pytest.mark.parametrize("body", BOUNDED.values(), ids=BOUNDED)
def test_a_template_within_the_limits_is_rendered(body: str) -> None:
    with little_memory():
        check(Message(body=body), ())
        assert len(render(Message(body=body), CUSTOMER, LINK).body.encode()) <= MAX_OUTPUT


@pytest.mark.parametrize(
    "body",
    [
        "{{ (1..customer.order_count) | join: '' }}",
        "{{ (3..customer.order_count) | reverse | join: '' }}",
        "{% for i in (1..customer.order_count) %}x{% endfor %}",
        "{% for i in (1..customer.order_count) limit: 1 %}x{% endfor %}",
        "{% if (1..customer.order_count) contains 'x' %}{% endif %}x",
        "{% assign n = customer.order_count %}"
        + "{% assign n = n | times: n | divided_by: 2 | plus: 1 %}" * 3
        + "{{ n }}",
    ],
)
def test_values_that_make_a_template_explode_fail_that_customer_alone(body: str) -> None:
    check(Message(body=body), ())
    assert render(Message(body=body), CUSTOMER, LINK).body
    with little_memory(), pytest.raises(Invalid, match=r"message\.body: line 1, column \d+: a "):
        render(Message(body=body), MOST_FAITHFUL, LINK)


def test_a_message_that_takes_half_of_what_it_may_is_refused_when_saved() -> None:
    body = "{% for i in (1..1000) %}{{ i | plus: 1 }}{% endfor %}"
    meter = Meter(MAX_STEPS)
    templates.rendered(body, "message.body", {}, meter)
    assert MAX_SAMPLE_STEPS < MAX_STEPS - meter.left < MAX_STEPS
    with pytest.raises(Invalid, match="takes too much work to render"):
        check(Message(body=body), ())


def test_subject_and_body_share_the_steps_of_their_message() -> None:
    loop = "{% for i in (1..600) %}{{ i }}{% endfor %}"
    check(Message(body=loop), ())
    with pytest.raises(Invalid, match=r"message\.body: .* too much work"):
        check(Message(body=loop, subject=loop), ())


@pytest.mark.parametrize(
    "body",
    [
        "{{ customer.name | split: ',' | uniq: 'key' }}",
        "{{ customer.name | uniq: 'key' }}",
        "{{ customer.name | base64_decode }}",
        "{{ 'x' | slice: customer.name }}",
        "{{ 'x' | truncate: customer.name }}",
        "{{ (1..3) | compact: customer.name }}",
        "{{ (1..3) | sum: customer.name }}",
        "{{ customer.name | map: customer.name | concat: customer.name }}",
        "{% for i in (1..3) limit: customer.name %}{% endfor %}",
        "{% if customer.name < 1 %}{% endif %}",
    ],
)
def test_an_error_quotes_no_value_of_the_customer(body: str) -> None:
    with pytest.raises(Invalid) as raised:
        render(Message(body=body), CUSTOMER, LINK)
    assert "Mira" not in str(raised.value)


VALUES: Final = st.sampled_from(
    [
        *(
            "'a'",
            "''",
            "','",
            "0",
            "7",
            "-1",
            "3.5",
            "9" * 25,
            "1e9",
            "nil",
            "true",
            "empty",
            "blank",
            "a",
            "b",
        ),
        *("(1..5)", "(1..1000)", "(1..1000000)", "(a..b)", "customer.name", "customer.tags", "forloop.index"),
        *("customer.order_count", "customer.last_order_at", "'" + "x" * 900 + "'", "'" + "<&é" * 300 + "'"),
    ]
)
FILTERS: Final = st.builds(
    lambda name, arguments: f" | {name}" + (": " + ", ".join(arguments) if arguments else ""),
    st.sampled_from(templates.known_filters()),
    st.lists(VALUES, max_size=3),
)
EXPRESSIONS: Final = st.builds(
    lambda value, filters: value + "".join(filters), VALUES, st.lists(FILTERS, max_size=4)
)
CONDITIONS: Final = st.builds(
    lambda left, operator, right: f"{left} {operator} {right}",
    VALUES,
    st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "contains", "and", "or"]),
    VALUES,
)
SIMPLE: Final = st.one_of(
    EXPRESSIONS.map(lambda found: f"{{{{ {found} }}}}"),
    st.builds(lambda name, found: f"{{% assign {name} = {found} %}}", st.sampled_from("ab"), EXPRESSIONS),
    st.lists(VALUES, min_size=1, max_size=4).map(lambda found: f"{{% cycle {', '.join(found)} %}}"),
    st.sampled_from(["{% increment n %}", "{% break %}", "{% continue %}", "{% liquid\necho a\n%}", "text"]),
)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = st.lists(inner, min_size=1, max_size=4).map("".join)
    return st.one_of(
        st.builds(
            lambda value, how, body: f"{{% for a in {value}{how} %}}{body}{{% endfor %}}",
            VALUES,
            st.sampled_from(["", " reversed", " limit: 3", " offset: 999", " limit: b offset: a"]),
            some,
        ),
        st.builds(
            lambda value, body: f"{{% tablerow a in {value} %}}{body}{{% endtablerow %}}", VALUES, some
        ),
        st.builds(lambda found, body: f"{{% if {found} %}}{body}{{% endif %}}", CONDITIONS, some),
        some.map(lambda body: f"{{% capture b %}}{body}{{% endcapture %}}"),
        some.map(lambda body: f"{{% ifchanged %}}{body}{{% endifchanged %}}"),
        st.builds(
            lambda value, when, body: f"{{% case {value} %}}{{% when {when}, {when} %}}{body}{{% endcase %}}",
            VALUES,
            VALUES,
            some,
        ),
    )


TEMPLATES: Final = st.lists(st.recursive(SIMPLE, _blocks, max_leaves=12), min_size=1, max_size=4).map("".join)


@settings(max_examples=150)
@given(TEMPLATES)
def test_any_template_is_rendered_or_refused_within_its_steps(body: str) -> None:
    for customer in (CUSTOMER, MOST_FAITHFUL):
        budget = Budget(MAX_STEPS)
        try:
            text = render(Message(body=body), customer, LINK, budget).body
        except Invalid:
            continue
        assert budget.left >= 0
        assert len(text.encode()) <= MAX_OUTPUT
