"""Customers are found by a part of their name, e-mail or id."""

from crm.audience.usecases.search import search_customers
from tests.audience.sample import SNAPSHOT


def test_search_finds_by_name_address_and_id_in_any_case() -> None:
    def ids(query: str | None, after: str | None = None, limit: int = 10) -> list[str]:
        return [each["customer_id"] for each in search_customers(SNAPSHOT, query, after, limit)]

    assert ids(None) == ids("") == ["C001", "C002", "C003", "C004", "C005", "C006"]
    assert ids("mIRA") == ["C001"]
    assert ids(" c5@EXAMPLE ") == ["C005"]
    assert ids("c00") == ["C001", "C002", "C003", "C004", "C005", "C006"]
    assert ids(".*") == []
    assert ids("example", limit=2) == ["C001", "C002"]
    assert ids("example", after="C002", limit=2) == ["C003", "C005"]
