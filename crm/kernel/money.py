"""Money as an integer number of ten-thousandths, so that sums and comparisons are exact.

Four decimals suffice for every currency of ISO 4217. An amount is a signed integer of 1/10,000 of the
currency's unit: 12.34 is 123_400. An amount is at most 10^9 units, so 64 bits hold the sum of 900,000 of the
largest.
"""

from decimal import Decimal

SCALE = 10_000
DECIMALS = 4
MAX_AMOUNT = 10**9

Money = int
"""Ten-thousandths of the currency's unit, signed."""


def to_money(amount: Decimal) -> Money:
    """12.34 → 123_400. Raises ValueError for more than four decimals."""
    scaled = amount * SCALE
    money = int(scaled)
    if money != scaled:
        raise ValueError(f"more than {DECIMALS} decimals")
    return money


def to_number(money: Money) -> float:
    """123_400 → 12.34, the JSON number of the API."""
    return money / SCALE


CURRENCY = "^[A-Z]{3}$"
"""Pattern of a currency's code (ISO 4217)."""
