"""CSV text as rows."""

import io

import pytest

from crm.imports.tables import MAX_CELL, Row, header_of, read_csv, sniffed, table_of
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
    assert header_of(table, every_column=False) == ("", "name")
    with pytest.raises(Invalid, match="has no name for column 1"):
        header_of(table)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="more than one column 'a'"):
        header_of(read_csv(b"a,a\n"), every_column=False)


@pytest.mark.parametrize("content", [b",,\n", b'""\n', b";;;\n1;2\n"])
def test_a_first_line_without_a_name_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="file: "):
        header_of(read_csv(content))


def test_a_first_line_longer_than_any_cell_is_refused() -> None:
    with pytest.raises(Invalid, match="is not CSV"):
        header_of(read_csv(b'"' + b"x" * (MAX_CELL + 1) + b'"\n'))


def test_columns_that_are_not_mapped_may_look_like_anything() -> None:
    header = ["name", "2024", *(f"c{number}" for number in range(300))]
    table = read_csv(",".join(header).encode() + b"\n")
    assert header_of(table, every_column=False) == tuple(header)
    with pytest.raises(Invalid, match="302 columns"):
        header_of(table)
