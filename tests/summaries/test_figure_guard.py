"""A text may say only what the figures say."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.figures import Figures, figures_of
from crm.summaries.figure_guard import faults
from tests.campaigns.test_figures import CAMPAIGN

BASE = "1,470 were delivered and 163 failed."


def _figures() -> Figures:
    campaign = replace(
        CAMPAIGN,
        audience=1640,
        launched_at=datetime(2026, 3, 1, tzinfo=UTC),
        finished_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    groups = {
        "all": Counts(delivered=1470, failed=163, skipped=7, opened=441, clicked=5),
        "high_spenders": Counts(delivered=19, failed=1, opened=8),
        "lapsed": Counts(delivered=40, failed=10),
    }
    return figures_of(campaign, groups, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Of 1,633 messages, 1,470 were delivered (90%) and 163 failed (10%).",
        "90% delivered, 10% failed.",
        "90.0 percent were delivered and 10 per cent failed.",
        "Nine in ten messages were delivered, one tenth failed.",
        "Ninety percent were delivered while ten percent failed.",
        "1 470 were delivered and 163 failed",
        "90% delivered; 10% failed.",
        f"{BASE} High spenders: 95% delivered, against 80% for lapsed customers.",
        f"{BASE} 10% were not delivered.",
        f"{BASE} 441 of the 1,470 delivered messages were opened (30%).",
        f"{BASE} 0.3% clicked.",
        f"{BASE} Launched on 1 March 2026, finished on March 2, 2026.",
        f"{BASE} Launched on 2026-03-01 and over by 2nd of March.",
        f"{BASE} Two groups stand out, with 95% and 80% delivered.",
        f"{BASE} The campaign was sent to 1,640 customers.",
        f"{BASE} 1,470 were sent.",
        f"{BASE} 7 of 1,640 customers were skipped.",
    ],
)
def test_a_text_that_agrees_with_the_figures_may_be_shown(text: str) -> None:
    assert faults(text, _figures()) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("100% delivered, 163 failed.", "100%"),
        ("100 percent delivered, 163 failed.", "100 percent"),
        ("\uff11\uff10\uff10\uff05 delivered, 163 failed.", "100%"),
        ("١٠٠٪ delivered, 163 failed.", "١٠٠"),
        (f"{BASE} One hundred percent success.", "one hundred percent"),
        (f"{BASE} A hundred per cent of them were happy.", "a hundred per cent"),
        (f"{BASE} Three quarters opened it.", "three quarters"),
        (f"{BASE} 9 out of 10 liked it.", "9"),
        (f"{BASE} About 1.5k customers were reached.", "1.5k"),
        (f"{BASE} 163 thousand customers were reached.", "163 thousand"),
        (f"{BASE} That is 7x better.", "7x"),
        (f"{BASE} Revenue rose by 12%.", "12%"),
        (f"{BASE} Revenue rose by 12.50 pounds.", "12.50"),
        (f"{BASE} In 2025 it was worse.", "2025"),
        (f"{BASE} Launched on 3 March 2026.", "3"),
        (f"{BASE} 2026% growth.", "2026%"),
        (f"{BASE} 1,634 customers got it.", "1,634"),
        (f"{BASE} 163% of them.", "163%"),
        (f"{BASE} A conversion of 95 was seen.", "95"),
        (f"{BASE} Sixty customers complained.", "sixty"),
        ("90% failed and 10% were delivered.", "90%"),
        (f"{BASE} 1,470 clicked it.", "1,470"),
        (f"{BASE} 1,640 failed.", "1,640"),
        (f"{BASE} 1,633 were sent.", "1,633"),
        (f"{BASE} 163 opened it.", "163"),
    ],
)
def test_a_text_with_another_number_is_refused(text: str, named: str) -> None:
    found = faults(text, _figures())
    assert [fault for fault in found if fault.startswith(named)], found


@pytest.mark.parametrize("text", ["Everything was delivered.", "Great success!", "90% delivered.", ""])
def test_a_text_must_say_how_many_were_delivered_and_failed(text: str) -> None:
    assert any("failed" in fault for fault in faults(text, _figures()))


def test_zero_failures_need_not_be_mentioned() -> None:
    figures = figures_of(CAMPAIGN, {"all": Counts(delivered=10)}, UTC)
    assert faults("100% delivered.", figures) == []


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.example.",
        "163 failed: hxxps://evil.example/163.",
        "163 failed, see evil.example for details.",
        "163 failed. Sign in again at evil dot example to see 1,470.",
        "163 failed, write to help@evil.example.",
        "163 failed, call +44 20 7946 0018.",
        "[163 failed](https://evil.example)",
        "**163** failed.",
        "<b>163</b> failed.",
        "&lt;b&gt;163&lt;/b&gt; failed.",
        "163 fa\u200biled.",
        "\u202e163 failed.",
        "Your session has expired, so 163 failed.",
        "Please verify your password, 163 failed.",
        "163 failed at xn--80ak6aa92e.",
        "163 failed\uff0eexample",
        "163 fаiled.",  # a Cyrillic letter
        "163 failed. Ask Mallory.",
        "163 failed. Two groups stand out.".replace("Two", "Some"),
        "| 163 | failed |",
        "# 163 failed",
        "163 failed `code`.",
        "163 failed in customers.failed",
    ],
)
def test_a_text_that_speaks_of_anything_but_figures_is_refused(text: str) -> None:
    assert faults(f"{BASE} {text}", _figures())
    assert not faults(BASE, _figures())
