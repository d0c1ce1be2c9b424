"""CSV files as they come from other systems."""

import gzip
from pathlib import Path

import pytest

from crm.cli.console import Sorry
from crm.cli.csv_file import CsvFile
from crm.imports.tables import Row


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return path


def _read(path: Path, **options: str) -> tuple[list[str], list[Row]]:
    file = CsvFile(path, **options)
    return list(file.header), list(file.rows())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_reads_the_usual_kinds(
    tmp_path: Path, newline: str, mark: str, packed: bool, delimiter: str
) -> None:
    lines = ["a,b", "1,é", '"x\ny","q""q"']
    content = (mark + newline.join(lines).replace(",", delimiter) + newline).encode()
    path = _file(tmp_path, gzip.compress(content) if packed else content)
    assert _read(path) == (["a", "b"], [Row(2, ["1", "é"]), Row(3, ["x\ny", 'q"q'])])


def test_the_delimiter_may_be_named(tmp_path: Path) -> None:
    assert _read(_file(tmp_path, b"a;b,c\n1;2,3\n"), delimiter=",")[0] == ["a;b", "c"]


def test_blank_lines_are_no_rows_but_count(tmp_path: Path) -> None:
    assert _read(_file(tmp_path, b"a\n1\n\n2\n"))[1] == [Row(2, ["1"]), Row(4, ["2"])]


def test_another_encoding(tmp_path: Path) -> None:
    path = _file(tmp_path, "a\né\n".encode("latin-1"))
    assert _read(path, encoding="latin-1")[1] == [Row(2, ["é"])]
    with pytest.raises(Sorry, match="--encoding"):
        _read(path)


def test_it_knows_how_many_bytes_it_has_read(tmp_path: Path) -> None:
    file = CsvFile(_file(tmp_path, b"a\n1\n"))
    rows = file.rows()
    next(rows)
    assert file.bytes_read == file.size == 4
    assert list(rows) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b'a,b\n1,"never closed\n2,3\n', "is not CSV after row 1"),
        (b'a,b\n1,2\n1,"x"y\n', "is not CSV after row 2"),
        (gzip.compress(b"a\n" + b"1\n" * 9, mtime=0)[:-12], "ends before its compressed data"),
        (b"\x1f\x8bnonsense of a header", "ends before its compressed data"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(Sorry, match=sentence):
        _read(_file(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Sorry, match="No such file"):
        _read(tmp_path / "none.csv")


def test_an_encoding_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(Sorry, match="unknown encoding"):
        _read(_file(tmp_path, b"a\n"), encoding="klingon")
