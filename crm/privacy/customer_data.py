"""What is stored about one customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.customers.customer import Customer
from crm.kernel.versioned import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerData:
    """A customer and as many of their other documents as one commit can delete."""

    key: str
    customer: Seen[Customer]

    documents: Mapping[str, Any]
    """Orders, and dead letters that name the customer, by path, as the store read them. Empty if none are
    left."""

    letters: int = 0
    """How many of the documents are dead letters."""
