"""CSV text as rows."""

import io
import tracemalloc
from contextlib import suppress

import pytest

from crm.imports.tables import MAX_CELL, MAX_EMPTY, Row, header_of, read_csv, sniffed, table_of
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
    with pytest.raises(Invalid, match="more than 1,000,000 characters in row 1"):
        header_of(read_csv(b'"' + b"x" * (MAX_CELL + 1) + b'"\n'))


def test_columns_that_are_not_mapped_may_look_like_anything() -> None:
    header = ["name", "2024", *(f"c{number}" for number in range(300))]
    table = read_csv(",".join(header).encode() + b"\n")
    assert header_of(table, every_column=False) == tuple(header)
    with pytest.raises(Invalid, match="302 columns"):
        header_of(table)


@pytest.mark.parametrize(
    "data",
    [
        b",",
        b'""',
        b";;;",
        b"\r",
        b"\r\r\r\n",
        b'"',
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xff\xfea",
        b"\0" * 100,
        b"x" * 1_100_000,
        b'"' + b"x" * 1_100_000 + b'"\n1\n',
        b",".join(b"c%d" % n for n in range(40_000)) + b"\n",
        b",".join([b"same"] * 40_000) + b"\n",
        b"," * 1_000_000,
        b"\n" * 1_000_000,
        b'a,b\n"never closed' + b"\n" * 1_000,
    ],
    ids=range(17),
)
def test_what_is_no_table_is_refused_by_its_place_and_reason(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_whole(data)
    assert {error.path for error in refused.value.errors} == {"file"}
    assert all(len(error.message) < 300 for error in refused.value.errors)


def read_whole(data: bytes) -> None:
    table = read_csv(data)
    header_of(table)
    for _ in table.rows():
        pass


def test_lines_may_end_as_on_old_macs() -> None:
    table = read_csv(b"id,name\rC-1,Mira\rC-2,Ann\r")
    assert header_of(table) == ("id", "name")
    assert [row.cells for row in table.rows_beneath_header()] == [["C-1", "Mira"], ["C-2", "Ann"]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"id,name\n1," + b"x" * MAX_CELL, "has more than 1,000,000 characters in row 2"),
        (b"id,name\n1,2\n" + b"," * MAX_CELL + b",\n", "has more than 1,000,000 characters in row 3"),
        (b"id,name\n" + b'"\n",' * 250_001, "has more than 1,000,000 characters in row 2"),
        (b"\n" * (MAX_EMPTY + 2), "has more than 1,000,000 empty rows"),
        (b"id,name\n" + b"\n" * (MAX_EMPTY + 2) + b"1,2\n", "has more than 1,000,000 empty rows"),
    ],
    ids=range(5),
)
def test_rows_are_bounded_before_they_are_read(data: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_whole(data)


def test_western_text_is_decoded_in_parts_as_a_whole() -> None:
    data = b"id,name\n" + b"\x80\x81\xe4\n" * 50_000
    table = read_csv(data)
    assert table.encoding == "windows-1252"
    assert {row.cells[0] for row in table.rows_beneath_header()} == {"\u20ac\x81\u00e4"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", ["", "\U0001f600"])
def test_reading_a_file_takes_little_more_memory_than_the_file(encoding: str, mark: str) -> None:
    """As text, each character would take four bytes because of one that needs them."""
    text = f"id,name\n1,{mark if encoding != 'cp1252' else 'ä'}\n" + "12345678,Mira Shah\n" * 100_000
    data = text.encode(encoding)
    tracemalloc.start()
    try:
        read_whole(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * len(text)


@pytest.mark.parametrize("size", range(2, 12))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_first_bytes_of_a_file_may_end_within_a_character(encoding: str, size: int) -> None:
    data = "ä\u20ac\U0001f600,b\n1,2\n".encode(encoding)
    expected = data.decode(encoding).split(",")[0]
    with suppress(Invalid):  # nothing of the first character is there yet
        (name, *_) = header_of(read_csv(data[:size], whole=False), every_column=False)
        assert expected.startswith(name)
