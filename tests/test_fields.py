"""A registered field works everywhere: ingest, storage, log, columns, rules, templates, imports, API."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from crm.audience.engine.compile import members
from crm.audience.engine.people import find, orders_of
from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.audience.rules.fields import CUSTOMER_FIELDS, ORDER_FIELDS
from crm.audience.rules.match import match
from crm.audience.rules.parse import parse
from crm.campaigns.campaign import Message
from crm.campaigns.message import VARIABLES, check, render
from crm.customers.changes import encode
from crm.customers.customer import TOTALS, Customer, Totals, merged
from crm.customers.fields import AMOUNT, PROFILE, UPDATED_AT, FieldSpec, OrderFields, examples_of
from crm.customers.order import ORDER, Order, of_record
from crm.customers.packs import pack, unpack
from crm.customers.records import CustomerRecord, OrderRecord
from crm.customers.store import customers as customer_documents
from crm.customers.store import orders as order_documents
from crm.imports.columns import record
from crm.imports.mapping import guesses, plan_of, targets
from tests.support import part_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OF_CUSTOMERS = [name for name in PROFILE if name != "customer_id"]
OF_ORDERS = [name for name in ORDER if name not in ("order_id", "customer_id", "placed_at")]
NEEDED = {
    name: example
    for name, example in {**examples_of(OrderFields), "amount": AMOUNT.example}.items()
    if OrderRecord.model_fields[name].is_required()
}


def ingested(name: str) -> Customer:
    """A customer of whom only that field is known."""
    values = {"customer_id": "C", name: PROFILE[name].example, "updated_at": "2026-02-01T00:00:00Z"}
    (found,) = unpack(pack("customers", [CustomerRecord.model_validate(values)])[0])
    assert isinstance(found, CustomerRecord)
    return merged(Customer(customer_id="C"), found)


def ingested_order(name: str) -> Order:
    """An order with what every order needs, and that field."""
    examples = {**examples_of(OrderFields), "amount": AMOUNT.example, "updated_at": UPDATED_AT.example}
    values = {**NEEDED, "customer_id": "C", "updated_at": UPDATED_AT.example, name: examples[name]}
    (found,) = unpack(pack("orders", [OrderRecord.model_validate(values)])[0])
    assert isinstance(found, OrderRecord)
    return of_record(found, version=1)


def snapshot(customer: Customer, *orders: Order) -> Snapshot:
    """The audience of one customer, read from the change log."""
    return snapshot_of(applied(empty(), encode([replace(customer, version=1)], orders)), NOW)


def rule(name: str, spec: FieldSpec) -> dict[str, Any]:
    """A condition that the example fulfils."""
    if spec.kind == "tags":
        return {"field": name, "operator": "contains", "value": spec.example[0]}
    return {"field": name, "operator": "=", "value": spec.example}


def matches(tree: dict[str, Any], customer: Customer, *orders: Order) -> tuple[bool, bool]:
    """Whether the rule holds by plain comparison, and over columns."""
    rules = parse({"combinator": "and", "rules": [tree]})
    found = members(snapshot(customer, *orders), rules, NOW, UTC)
    return (
        match(rules, customer, orders, NOW, UTC).holds,
        any(np.count_nonzero(mask) for _, mask in found),
    )


@pytest.mark.parametrize("name", OF_CUSTOMERS)
def test_a_customers_field_is_stored_logged_and_laid_out_as_it_was_ingested(name: str) -> None:
    customer = ingested(name)

    assert getattr(customer, name) not in (None, ())
    assert customer_documents.decode(customer_documents.encode(customer)) == customer
    assert find(snapshot(customer), "C") == replace(customer, version=1, field_times={})


@pytest.mark.parametrize("name", OF_CUSTOMERS)
def test_a_customers_field_is_found_by_a_rule(name: str) -> None:
    without = merged(
        Customer(customer_id="C"), CustomerRecord(customer_id="C", consent=False, updated_at=NOW)
    )

    assert matches(rule(name, PROFILE[name]), ingested(name)) == (True, True)
    assert matches(rule(name, PROFILE[name]), without) == (False, False)


@pytest.mark.parametrize("name", [name for name in OF_CUSTOMERS if name in VARIABLES])
def test_a_customers_field_is_rendered_by_a_template(name: str) -> None:
    message = Message(subject=None, body=f"{{{{ customer.{name} }}}}")

    check(message, CUSTOMER_FIELDS)

    assert render(message, ingested(name), "https://example.com").body


@pytest.mark.parametrize("name", PROFILE)
def test_a_column_of_a_file_is_imported_as_the_customers_field(name: str) -> None:
    example = PROFILE[name].example
    header = ["customer_id"] if name == "customer_id" else ["customer_id", name]
    cell = "; ".join(example) if isinstance(example, list) else str(example)
    plan = plan_of("customers", header, {column: column for column in header})

    assert guesses("customers", header) == header
    assert name in {target.name for target in targets("customers")}
    assert CustomerRecord.model_validate(record(plan, ["C", cell][-len(header) :])).model_dump()[name]


@pytest.mark.parametrize("name", [*PROFILE, *TOTALS])
def test_the_api_answers_a_customers_field(name: str) -> None:
    api = part_of("campaigns", "campaigns_api.customers")
    customer = replace(
        merged(
            Customer(customer_id="C"),
            CustomerRecord.model_validate(
                {name: spec.example for name, spec in PROFILE.items()} | {"updated_at": NOW}
            ),
        ),
        totals=Totals(total_spend=12_300, order_count=1, first_order_at=NOW, last_order_at=NOW),
    )

    answered = api.CustomerResponse(**api.values(customer)).model_dump()[name]

    stored = getattr(customer.totals if name in TOTALS else customer, name)
    assert answered == (1.23 if name == "total_spend" else stored)


@pytest.mark.parametrize("name", OF_ORDERS)
def test_an_orders_field_is_stored_logged_laid_out_and_answered_as_it_was_ingested(name: str) -> None:
    api = part_of("campaigns", "campaigns_api.customers")
    order = ingested_order(name)

    assert order_documents.decode(order_documents.encode(order)) == order
    assert orders_of(snapshot(ingested("name"), order), "C") == [replace(order, field_times={})]
    assert name in api.order_shapes([order])[0].model_dump()


@pytest.mark.parametrize("name", ORDER_FIELDS)
def test_an_orders_field_is_found_by_a_rule(name: str) -> None:
    tree = {
        "field": "orders",
        "match": {"mode": "atLeast", "threshold": 1},
        "value": {"combinator": "and", "rules": [rule(name, ORDER[name])]},
    }

    assert matches(tree, ingested("name"), ingested_order(name)) == (True, True)
    assert matches(tree, ingested("name")) == (False, False)
