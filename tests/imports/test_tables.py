"""CSV text as rows."""

import io

import pytest

from crm.imports.tables import Row, header_of, read_csv, sniffed, table_of
from crm.kernel.errors import Invalid


def test_a_delimiter_within_quotes_does_not_count() -> None:
    assert sniffed('"a;b;c",d\n') == ","
    assert sniffed("alone\n") == ","


def test_a_table_can_be_read_more_than_once() -> None:
    table = read_csv(b"a;b\n1;2\n")
    for _ in range(2):
        assert list(table.rows_beneath_header()) == [Row(2, ["1", "2"])]


def test_a_column_without_a_name_is_refused_only_where_names_are_needed() -> None:
    table = table_of(lambda: io.StringIO(",name\n0,Mira\n", newline=""), "utf-8")
    assert header_of(table, needs_names=False) == ("", "name")
    with pytest.raises(Invalid, match="has no name for column 1"):
        header_of(table)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="more than one column 'a'"):
        header_of(read_csv(b"a,a\n"), needs_names=False)
