"""Cells as values."""

from typing import Any

import pytest

from crm.imports.columns import Kind, value


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("integer", "7", 7),
        ("integer", "-3", -3),
        ("integer", "seven", "seven"),
        ("integer", "7.5", "7.5"),
        ("integer", "9" * 400, "9" * 400),
        ("number", "38.5", 38.5),
        ("number", "nan", "nan"),
        ("number", "1e400", "1e400"),
        ("number", "1,5", "1,5"),
        ("boolean", "TRUE", True),
        ("boolean", "no", False),
        ("boolean", "0", False),
        ("boolean", "perhaps", "perhaps"),
        ("tags", "vip; newsletter |b2b;;", ["vip", "newsletter", "b2b"]),
        ("text", "007", "007"),
    ],
)
def test_a_cell_becomes_its_kind_or_stays_text(kind: Kind, cell: str, expected: Any) -> None:
    assert value(kind, cell) == expected
    assert type(value(kind, cell)) is type(expected)
