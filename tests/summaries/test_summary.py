"""The text that rules write, and the fingerprint."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.campaign import COUNT_NAMES, CampaignStatus, Counts
from crm.campaigns.figures import Figures, figures_of
from crm.delivery.cohorts import LABELS
from crm.summaries.figure_guard import faults
from crm.summaries.summary import Summary, by_rules, fingerprint, in_words
from tests.campaigns.test_figures import CAMPAIGN

GROUPS = {
    "all": Counts(delivered=1470, failed=163),
    "lapsed": Counts(delivered=8, failed=2),
    "high_spenders": Counts(delivered=95, failed=5),
}
FIGURES = figures_of(replace(CAMPAIGN, audience=1633), GROUPS, UTC)


def test_the_text_of_a_finished_campaign() -> None:
    assert by_rules(FIGURES) == (
        "The campaign to 1,633 customers is finished. "
        "Of 1,633 messages, 1,470 were delivered (90%) and 163 failed (10%). "
        "High spenders: 95% delivered (95 of 100). Lapsed: 80% delivered (8 of 10)."
    )


def test_a_cohort_that_another_version_stored_is_named_by_its_id() -> None:
    figures = figures_of(CAMPAIGN, {**GROUPS, "new_customers": Counts(delivered=1, failed=1)}, UTC)
    assert in_words("new_customers") == "New customers"
    assert by_rules(figures).endswith(
        "Lapsed: 80% delivered (8 of 10). New customers: 50% delivered (1 of 2)."
    )


@pytest.mark.parametrize(
    ("status", "counts", "expected"),
    [
        (
            "sending",
            Counts(),
            "The campaign is being sent: 10 of 10 customers are still waiting. No message was sent.",
        ),
        ("paused", Counts(delivered=4), "The campaign is paused: 6 of 10 customers are still waiting. "),
        (
            "cancelled",
            Counts(delivered=4),
            "The campaign to 10 customers was cancelled: "
            "6 of 10 customers are still waiting to be taken off. ",
        ),
        (
            "cancelled",
            Counts(delivered=4, skipped=6),
            "The campaign to 10 customers was cancelled. Of 4 messages, 4 were delivered (100%) and "
            "0 failed (0%). 6 customers were skipped and got nothing.",
        ),
        (
            "needs_attention",
            Counts(delivered=9, unknown=1),
            "The campaign needs attention: the outcome of 1 message is unknown. ",
        ),
        (
            "finished",
            Counts(delivered=1, failed=1, accepted=1, unknown=3, skipped=4, opened=1),
            "The campaign to 10 customers is finished. Of 6 messages, 1 was delivered (17%), "
            "1 failed (17%), 1 was accepted but not yet confirmed as delivered and 3 were of unknown "
            "outcome. 4 customers were skipped at the moment of sending. Of those delivered, "
            "1 opened (100%).",
        ),
    ],
)
def test_the_text_of_other_states(status: CampaignStatus, counts: Counts, expected: str) -> None:
    figures = figures_of(replace(CAMPAIGN, status=status), {"all": counts}, UTC)
    assert by_rules(figures).startswith(expected)


counts = st.builds(
    Counts, **{name: st.integers(0, 5000) for name in COUNT_NAMES if name not in ("opened", "clicked")}
)


@given(
    st.sampled_from(get_args(CampaignStatus)),
    counts,
    st.integers(0, 100),
    st.dictionaries(st.sampled_from(list(LABELS)), counts),
)
def test_the_text_by_rules_agrees_with_the_figures(
    status: CampaignStatus, everyone: Counts, pending: int, cohorts: dict[str, Counts]
) -> None:
    campaign = replace(CAMPAIGN, status=status, audience=everyone.rows + pending)
    figures = figures_of(campaign, {"all": everyone, **cohorts}, UTC)
    # Rules may also say "No message was sent."
    found = [fault for fault in faults(by_rules(figures), figures) if "No message" not in fault]
    assert found == []


def _other(figures: Figures) -> Figures:
    return figures_of(replace(CAMPAIGN, audience=1634), GROUPS, UTC)


def test_the_fingerprint_changes_with_its_input() -> None:
    same = figures_of(replace(CAMPAIGN, audience=1633), dict(reversed(GROUPS.items())), UTC)
    assert fingerprint(FIGURES, None) == fingerprint(same, None)
    prints = {
        fingerprint(FIGURES, None),
        fingerprint(_other(FIGURES), None),
        fingerprint(FIGURES, "gemini-3.8-flash"),
    }
    assert len(prints) == 3


def test_as_json_has_the_fields_of_the_api() -> None:
    summary = Summary(
        campaign_id="c1",
        text="Fine.",
        source="rules",
        model=None,
        made_at=datetime(2026, 3, 1, tzinfo=UTC),
        figures={"all": {}},
        note=None,
        fingerprint="f",
    )
    assert summary.as_json() == {
        "campaign_id": "c1",
        "text": "Fine.",
        "source": "rules",
        "model": None,
        "made_at": "2026-03-01T00:00:00+00:00",
        "figures": {"all": {}},
        "note": None,
    }
