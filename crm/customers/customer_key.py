"""A customer's key: the name by which everything that outlives an erasure refers to them.

It is also the name of their document. The external id stands in the customer's own document and in what an
erasure deletes, nowhere else.
"""

from crm.kernel.ids import document_id


def customer_key(customer_id: str) -> str:
    """The key of the customer with this external id: 32 hex digits."""
    return document_id(customer_id)
