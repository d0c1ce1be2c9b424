"""The data of the state machine: a dozen people, two campaigns, and sizes that make several of everything."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from crm.campaigns.campaign import Campaign
from crm.campaigns.campaign import Message as Text
from crm.customers.customer import Customer
from tests.proof.outside import REJECTED
from tests.proof.system import START

PEOPLE = 11
EVERYONE = {"combinator": "and", "rules": [], "all": True}

SIZES: dict[str, dict[str, Any]] = {
    "crm.delivery.freezing": {"CHUNK_SIZE": 2},
    "crm.campaigns.frozen_list": {"PARTITION_SIZE": 3},
    "crm.campaigns.usecases.change_rate": {"CHUNK_SIZE": 2},
    "crm.supervision.usecases.continue_recount": {"ROWS": 2},
    "crm.supervision.usecases.resolve_messages": {"CHUNK_SIZE": 2, "COMMITS": 2},
    "crm.supervision.usecases.publish_due_chunks": {"CHUNK_SIZE": 2, "MAX_CHUNKS": 3},
    "crm.supervision.usecases.expire_silent": {"ROWS": 2, "COMMITS": 2},
    "crm.delivery.usecases.apply_receipts": {"COMMIT_SIZE": 2},
    "crm.delivery.usecases.join_unmatched": {"COMMIT_SIZE": 2},
}


@contextmanager
def small_sizes() -> Iterator[None]:
    """Several of everything, no waiting between attempts, and no log."""
    with ExitStack() as stack:
        for module, values in SIZES.items():
            for name, value in values.items():
                stack.enter_context(patch(f"{module}.{name}", value))
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        yield


def customer(number: int) -> Customer:
    """The second refuses, the third has no address, the vendor rejects the fourth."""
    email = {2: None, 3: f"{REJECTED}example.com"}.get(number, f"c{number}@example.com")
    return Customer(customer_id=f"C-{number}", known=True, email=email, consent=number != 1, version=1)


def campaign(name: str, **fields: Any) -> Campaign:
    """A draft to everyone, whose text names campaign and customer."""
    plain = Campaign(
        campaign_id=name,
        name=name,
        status="draft",
        channel="simulator",
        message=Text(body=name + "/{{ customer.customer_id }}"),
        rules=EVERYONE,
        created_at=START,
        created_by="someone",
    )
    return replace(plain, **fields)
