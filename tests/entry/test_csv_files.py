"""A spreadsheet of any country opens the files and runs nothing."""

import csv
import io
from time import process_time

import pytest

from crm.entry.csv_files import lines

DELIMITERS = (",", ";", "\t", "|")
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

HARMLESS = ["Mira Shah", "a;b", "x-y", "a@example.com", "1+1", "5 - 3", "d'or", "", "a, b", "50 %"]

HOSTILE = [
    f"{before}{start}HYPERLINK(1)"
    for start in STARTS
    for before in (
        "",
        " ",
        "\t",
        "\n",
        "a;",
        "a; ",
        'a;"',
        'a";"',
        "a\t",
        "a|",
        "a\n",
        "a\r\n",
        '"\n"',
        ";;",
        "a;\u00a0",
    )
]


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_no_cell_begins_like_a_formula_at_whatever_mark_lines_are_split(delimiter: str) -> None:
    text = lines([["C-1", value, "end"] for value in HOSTILE])
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        for cell in row:
            assert not cell.strip().strip('"').strip().startswith(STARTS), row


def test_other_texts_and_numbers_stay_as_they_are() -> None:
    rows = [[value, -5, None] for value in HARMLESS]
    found = list(csv.reader(io.StringIO(lines(rows), newline="")))
    assert found == [[value, "-5", ""] for value in HARMLESS]


@pytest.mark.parametrize("one", ["\n", '" ', ";", "\t|", " "])
def test_the_time_grows_with_the_length_and_no_faster(one: str) -> None:
    started = process_time()
    lines([[one * 50_000 + "x"]])
    assert process_time() - started < 2
