"""The state machine of campaigns, as a table and as the questions asked of it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.campaign import Campaign, CampaignStatus, Message, Resolution
from crm.campaigns.lifecycle import (
    TRANSITIONS,
    Action,
    Actor,
    MarketerAction,
    SystemAction,
    allowed_actions,
    is_allowed,
    needs_tick,
    next_status,
    require,
)
from crm.kernel.errors import Conflict
from tests.support import ROOT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAFT = Campaign(
    campaign_id="c1",
    name="Spring",
    status="draft",
    channel="simulator",
    message=Message(body="Hi"),
    rules={},
    created_at=NOW,
    created_by="a@example.com",
)
STATUSES: tuple[CampaignStatus, ...] = get_args(CampaignStatus)
ACTIONS: tuple[Action, ...] = (*get_args(MarketerAction), *get_args(SystemAction))
ACTORS: tuple[Actor, ...] = get_args(Actor)

campaigns = st.builds(
    lambda **fields: replace(DRAFT, **fields),
    status=st.sampled_from(STATUSES),
    launched_at=st.sampled_from((None, NOW)),
    audience=st.sampled_from((None, 10)),
    resolution=st.sampled_from((None, *get_args(Resolution))),
)


@given(campaigns, st.sampled_from(ACTIONS), st.sampled_from(ACTORS))
def test_an_action_outside_the_table_is_a_conflict(campaign: Campaign, action: Action, actor: Actor) -> None:
    pair = (campaign.status, action, actor)
    rows = [row for row in TRANSITIONS if (row.source, row.action, row.actor) == pair]
    if not is_allowed(campaign, action, actor):
        assert all(row.condition != "always" for row in rows)
        with pytest.raises(Conflict, match=r"^The campaign is "):
            require(campaign, action, actor)
        with pytest.raises(Conflict, match=r"^The campaign is "):
            next_status(campaign, action, actor)
    else:
        assert rows
        require(campaign, action, actor)


@given(campaigns)
def test_the_allowed_actions_are_those_that_a_marketer_may_cause(campaign: Campaign) -> None:
    allowed = allowed_actions(campaign)
    for action in get_args(MarketerAction):
        assert (action in allowed) == is_allowed(campaign, action, "marketer")


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        ("draft", {}, ["change", "delete", "launch"]),
        ("scheduled", {}, ["change", "launch", "unschedule", "cancel"]),
        ("missed", {}, ["change", "launch", "unschedule", "cancel"]),
        ("launching", {}, ["pause", "cancel"]),
        (
            "sending",
            {"audience": 1},
            ["pause", "cancel", "change_rate", "retry_failed", "send_again", "mark_as_sent"],
        ),
        (
            "sending",
            {"audience": 1, "resolution": "retry_failed"},
            ["pause", "cancel", "change_rate", "retry_failed"],
        ),
        ("paused", {}, ["resume", "cancel"]),
        ("paused", {"audience": 1}, ["resume", "cancel", "change_rate"]),
        ("cancelled", {"audience": 1}, []),
        ("finished", {"audience": 1}, ["retry_failed", "send_again", "mark_as_sent"]),
        ("needs_attention", {}, ["change", "launch"]),
        (
            "needs_attention",
            {"audience": 1, "launched_at": NOW},
            ["retry_failed", "send_again", "mark_as_sent"],
        ),
    ],
)
def test_each_status_allows_its_actions(
    status: CampaignStatus, fields: dict[str, object], expected: list[str]
) -> None:
    assert allowed_actions(replace(DRAFT, status=status, **fields)) == expected  # type: ignore[arg-type]  # of the table above


def test_a_campaign_resumed_before_its_audience_is_frozen_is_launching() -> None:
    paused = replace(DRAFT, status="paused")
    assert next_status(paused, "resume", "marketer") == "launching"
    assert next_status(replace(paused, audience=0), "resume", "marketer") == "sending"


def test_a_change_makes_a_campaign_draft_or_scheduled() -> None:
    for status in ("draft", "scheduled"):
        assert next_status(DRAFT, "change", "marketer", status) == status
    with pytest.raises(Conflict):
        next_status(DRAFT, "change", "marketer", "sending")


def test_refusals_hint_at_what_is_possible() -> None:
    finished = replace(DRAFT, status="finished")
    with pytest.raises(Conflict, match=r"^The campaign is finished. It cannot be launched again.$"):
        require(finished, "launch", "marketer")
    with pytest.raises(Conflict, match=r"^The campaign is finished. Only drafts can be deleted.$"):
        require(finished, "delete", "marketer")


def test_every_status_that_the_system_can_leave_needs_the_tick() -> None:
    for status, actor in product(STATUSES, ("schedule", "delivery")):
        if any((row.source, row.actor) == (status, actor) for row in TRANSITIONS):
            assert needs_tick(replace(DRAFT, status=status))


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        ("draft", {}, False),
        ("paused", {"audience": 1}, False),
        ("finished", {"audience": 1}, False),
        ("cancelled", {}, False),
        ("cancelled", {"launched_at": NOW}, True),
        ("cancelled", {"launched_at": NOW, "finished_at": NOW}, False),
        ("needs_attention", {}, False),
        ("needs_attention", {"audience": 1}, True),
        ("needs_attention", {"audience": 1, "watch_ended": True}, False),
    ],
)
def test_the_tick_visits_campaigns_whose_outcome_is_open(
    status: CampaignStatus, fields: dict[str, object], expected: bool
) -> None:
    assert needs_tick(replace(DRAFT, status=status, **fields)) is expected  # type: ignore[arg-type]  # of the table above


def test_the_diagram_in_the_docs_shows_the_transitions_that_change_the_status() -> None:
    page = (ROOT / "docs/campaigns.md").read_text("utf-8")
    shown = {
        (source, action, target)
        for source, target, actions in re.findall(r"^    (\w+) --> ([\w\[\]*]+): (.*)$", page, re.MULTILINE)
        for action in actions.split(", ")
    }
    table = {(row.source, row.action, row.target or "[*]") for row in TRANSITIONS}
    assert shown == {(source, action, target) for source, action, target in table if source != target}
