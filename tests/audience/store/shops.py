"""A shop of the audience's tests: what is sold, compacted, and still to be read somewhere."""

from hashlib import sha256

from google.cloud.firestore import AsyncClient

from crm.audience.usecases.compact import Compact
from tests.projection import (
    commit,
    customer,
    order,
    store_of,
)
from tests.security.everything import text_of

SMALL = 20_000

LARGE = 1_000_000
"""Bytes of a partition on average. A block without customers has 12,000."""


async def shop(database: AsyncClient, customers: int = 40) -> None:
    """Some commits, with orders and a customer erased among them."""
    for begin in range(0, customers, 10):
        numbers = range(begin, min(begin + 10, customers))
        await commit(
            database,
            [customer(f"C{n}", email=_address(n), tags=("vip",) if n % 3 else ()) for n in numbers],
            [order(f"O{n}-{k}", f"C{n}") for n in numbers for k in range(n % 3)],
        )


def _address(number: int) -> str:
    """A shop whose data does not pack well."""
    return f"{sha256(str(number).encode()).hexdigest()}@example.com"


async def settle(database: AsyncClient) -> None:
    """Compact until nothing is left to do."""
    while True:
        done = await Compact(store=store_of(database))()
        assert done is not None
        if not done.documents:
            return


def readable(fields: dict[str, object]) -> bytes:
    """What a document says, unpacked, with every byte of a block."""
    return "\n".join(map(text_of, fields.values())).encode()


async def shop_more(database: AsyncClient) -> None:
    await commit(database, [customer(f"D{n}", email=_address(n)) for n in range(500)])
