"""What the messages of a chunk leave each other, in whatever order they come."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.campaigns.campaign import Message
from crm.campaigns.message import MAX_SAMPLE_STEPS, MAX_STEPS, SHARED_STEPS, Budget, budget_for, check, render
from crm.campaigns.metered_liquid import TooCostlyError
from crm.customers.customer import Customer

COSTS = st.one_of(st.integers(0, MAX_SAMPLE_STEPS), st.integers(MAX_SAMPLE_STEPS + 1, 2 * MAX_STEPS))
CHUNKS = st.lists(COSTS, min_size=1, max_size=120)


def rendered(budget: Budget, costs: list[int]) -> Iterator[bool]:
    """Whether each message can be rendered that takes so many steps."""
    for cost in costs:
        meter = budget.meter()
        try:
            meter.spend(cost)
        except TooCostlyError:
            yield False
        else:
            yield True
        finally:
            budget.settle(meter)


@given(CHUNKS)
def test_no_cheap_message_fails_because_of_others(costs: list[int]) -> None:
    for cost, is_rendered in zip(costs, rendered(budget_for(len(costs)), costs), strict=True):
        assert is_rendered or cost > MAX_SAMPLE_STEPS
        assert not is_rendered or cost <= MAX_STEPS


@given(CHUNKS)
def test_a_chunk_takes_no_more_than_its_budget(costs: list[int]) -> None:
    budget = budget_for(len(costs))
    total = budget.left
    assert total == max(MAX_STEPS, len(costs) * (MAX_SAMPLE_STEPS + SHARED_STEPS))
    done = list(rendered(budget, costs))
    assert sum(cost for cost, each in zip(costs, done, strict=True) if each) <= total - budget.left <= total


@given(st.lists(st.integers(0, MAX_STEPS), min_size=1, max_size=120))
def test_a_chunk_that_is_cheap_on_average_is_rendered_whole(costs: list[int]) -> None:
    while sum(costs) > len(costs) * MAX_SAMPLE_STEPS:
        costs.remove(max(costs)) if len(costs) > 1 else costs.append(0)
    assert all(rendered(budget_for(len(costs)), costs))


@settings(max_examples=5)
@given(st.permutations([990] * 60 + [1] * 40))
def test_customers_with_little_get_their_message_beside_those_with_much(visits: list[int]) -> None:
    loop = "{% for i in (1..customer.visits) %}{% if i == 0 %}x{% endif %}{% endfor %}"
    message = Message(body=f"Hi {loop}{{{{ customer.name }}}}")
    check(message, ())
    budget = budget_for(len(visits))
    for each in visits:
        customer = Customer(customer_id="C-1", known=True, name="Mira", visits=each)
        assert render(message, customer, "", budget).body == "Hi Mira"


def test_messages_beyond_those_announced_get_what_is_left() -> None:
    assert list(rendered(Budget(100), [40, 40, 40, 20])) == [True, True, False, False]
