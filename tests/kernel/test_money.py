from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kernel.money import to_money, to_number


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_an_amount_of_four_decimals_is_exact(amount: Decimal) -> None:
    assert Decimal(to_money(amount)) / 10_000 == amount


def test_a_fifth_decimal_is_refused() -> None:
    with pytest.raises(ValueError, match="decimals"):
        to_money(Decimal("0.00001"))


def test_people_see_units() -> None:
    assert to_number(123_400) == 12.34
