"""No part of a cell is a formula, however a spreadsheet splits lines and cells."""

import re
import time

import pytest

from crm.kernel.spreadsheets import inert

STARTS = "=+-@＝＋－＠"
SEPARATORS = ",;|\t\n\v\f\r\x85\u2028\u2029"
PHONES = ["+44 20 7946 0018", "+1 (202) 555-0143", "+49.30.1234", "+442079460018"]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("mark", SEPARATORS)
def test_no_part_of_a_cell_begins_like_a_formula(mark: str, start: str) -> None:
    formula = f"{start}HYPERLINK(1)"
    for before in ("", "a", "a ", '"', "a,", "\x00", "\ufeff"):
        for behind in ("", " ", '"', f"{mark}{mark}", "\x00", "\ufeff", "\u00a0"):
            made = inert(f"{before}{mark}{behind}{formula}")
            for part in re.split(f"[{SEPARATORS}]", made):
                assert not part.strip('\x00\ufeff" \u00a0').startswith(tuple(STARTS)), made


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", '"', "\ufeff", "\x00"])
def test_no_cell_begins_like_a_formula(before: str, start: str) -> None:
    assert inert(f"{before}{start}1+1") == f"{before}'{start}1+1"


@pytest.mark.parametrize("mark", "\t\r\n")
def test_a_mark_that_a_spreadsheet_drops_stands_behind_an_apostrophe(mark: str) -> None:
    assert inert(f"{mark}1+1") == f"'{mark}1+1"


@pytest.mark.parametrize(
    "text", ["", "Mira", "a-b", "a@example.com", "1+1", "5 - 3", "a, b", "'=1+1", *PHONES]
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize(
    "text", ["+1+cmd|' /C calc'!A0", "+1-A1", "+44 20;=1", "+", "+(1)", "+٤٤", "+1\n+2", "+1,5"]
)
def test_what_only_begins_like_a_phone_number_is_none(text: str) -> None:
    assert inert(text).startswith("'+")


def test_a_long_run_of_separators_takes_linear_time() -> None:
    def took(size: int) -> float:
        since = time.process_time()
        inert("a" + "\n " * size)
        return time.process_time() - since

    took(1000)
    assert took(400_000) < 40 * max(took(40_000), 0.001)
