"""Keep dead letters, without what they say of erased customers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from crm.customers.dead_letters import DeadLetter, named_customers, without_customers
from crm.customers.ports import DeadLetters


class ErasedCustomers(Protocol):
    """Knows who was erased."""

    async def erased(self, ids: Collection[str]) -> Collection[str]:
        """Those of these ids whose customers were erased. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepLetters:
    """Stores dead letters. Safe to repeat: the same letter is kept once."""

    letters: DeadLetters
    customers: ErasedCustomers

    async def __call__(self, letters: Sequence[DeadLetter]) -> None:
        """Return once the letters are durable. Raises Unavailable."""
        named = {name for letter in letters for name in named_customers(letter.payload)}
        erased = await self.customers.erased(named)
        left = (without_customers(letter, lambda name: name in erased) for letter in letters)
        await self.letters.keep_all([letter for letter in left if letter is not None])
