"""The state machine of a campaign: which action leads from which status to which, and who may cause it.

`TRANSITIONS` is the only place that says so. Stores and routes apply it; refusals and the actions that the
API offers are computed from it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from crm.campaigns.campaign import Campaign, CampaignStatus, Resolution
from crm.kernel.errors import Conflict

Actor = Literal["marketer", "schedule", "delivery", "tick", "circuit_breaker", "receipt"]

MarketerAction = Literal[
    "change",
    "delete",
    "launch",
    "unschedule",
    "pause",
    "resume",
    "cancel",
    "change_rate",
    "retry_failed",
    "send_again",
    "mark_as_sent",
]
"""What a person may ask for. The last three decide on failed or unknown messages (`Resolution`)."""

SystemAction = Literal[
    "miss",
    "reject",
    "start_sending",
    "use_rate",
    "continue_resolution",
    "report_stall",
    "close",
    "finish_recount",
    "reopen",
]
"""`miss`: the scheduled time passed and nothing launched the campaign. `reject`: at its time it was invalid.
`use_rate`: reserve a part of the rate for chunks about to be published. `close`: no message is pending."""

Action = MarketerAction | SystemAction

Condition = Literal[
    "always", "never launched", "audience not frozen", "audience frozen", "no other resolution"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table. `target` is None where the campaign is deleted."""

    source: CampaignStatus
    action: Action
    target: CampaignStatus | None
    actor: Actor
    condition: Condition = "always"


def next_status(
    campaign: Campaign, action: Action, actor: Actor, to: CampaignStatus | None = None
) -> CampaignStatus:
    """The status to which the action leads; `to` chooses where the table allows several.

    Raises Conflict where the table has no such transition.
    """
    targets = [row.target for row in _matching_rows(campaign, action, actor) if to in (None, row.target)]
    if not targets:
        raise refusal(campaign, action)
    (target,) = targets
    if target is None:
        raise ValueError(f"{action} leaves no campaign behind")
    return target


def require(campaign: Campaign, action: Action, actor: Actor) -> None:
    """Raise Conflict unless the actor may cause the action now."""
    if not is_allowed(campaign, action, actor):
        raise refusal(campaign, action)


def is_allowed(campaign: Campaign, action: Action, actor: Actor) -> bool:
    """Whether the table has a transition for this."""
    return any(_matching_rows(campaign, action, actor))


def allowed_actions(campaign: Campaign) -> list[MarketerAction]:
    """Everything that a person may ask for now, in the order of `MarketerAction`."""
    names: tuple[MarketerAction, ...] = get_args(MarketerAction)
    return [name for name in names if is_allowed(campaign, name, "marketer")]


def refusal(campaign: Campaign, action: Action) -> Conflict:
    """The error that says why the action is not possible now."""
    if campaign.resolution is not None and campaign.status in _RESOLVABLE and action in get_args(Resolution):
        return Conflict("The campaign is still carrying out the last decision on its messages.")
    hint = f" {_HINTS[action]}" if action in _HINTS else ""
    return Conflict(f"The campaign is {campaign.status.replace('_', ' ')}.{hint}")


def needs_tick(campaign: Campaign) -> bool:
    """Whether the tick has work with the campaign, now or later. A receipt may reopen others."""
    match campaign.status:
        case "scheduled" | "launching" | "sending":
            return True
        case "cancelled":
            return campaign.launched_at is not None and campaign.finished_at is None
        case "needs_attention":
            return campaign.audience is not None and not campaign.watch_ended  # receipts may still settle it
        case _:
            return False


def _matching_rows(campaign: Campaign, action: Action, actor: Actor) -> Iterator[Transition]:
    for row in TRANSITIONS:
        is_row = (row.source, row.action, row.actor) == (campaign.status, action, actor)
        if is_row and _CONDITIONS[row.condition](campaign, action):
            yield row


def _rows(
    actor: Actor,
    action: Action,
    sources: tuple[CampaignStatus, ...],
    target: CampaignStatus | Literal["same"] | None,
    condition: Condition = "always",
) -> Iterator[Transition]:
    for source in sources:
        yield Transition(
            source=source,
            action=action,
            target=source if target == "same" else target,
            actor=actor,
            condition=condition,
        )


_PLANNED: tuple[CampaignStatus, ...] = ("draft", "scheduled", "missed")
_OVER: tuple[CampaignStatus, ...] = ("finished", "needs_attention", "cancelled")
_RESOLVABLE: tuple[CampaignStatus, ...] = ("sending", "finished", "needs_attention")

TRANSITIONS: tuple[Transition, ...] = (
    *_rows("marketer", "change", _PLANNED, "draft"),
    *_rows("marketer", "change", _PLANNED, "scheduled"),
    *_rows("marketer", "change", ("needs_attention",), "draft", "never launched"),
    *_rows("marketer", "change", ("needs_attention",), "scheduled", "never launched"),
    *_rows("marketer", "delete", ("draft",), None),
    *_rows("marketer", "launch", _PLANNED, "launching"),
    *_rows("marketer", "launch", ("needs_attention",), "launching", "never launched"),
    *_rows("marketer", "unschedule", ("scheduled", "missed"), "draft"),
    *_rows("marketer", "pause", ("launching", "sending"), "paused"),
    *_rows("marketer", "resume", ("paused",), "launching", "audience not frozen"),
    *_rows("marketer", "resume", ("paused",), "sending", "audience frozen"),
    *_rows("marketer", "cancel", ("scheduled", "missed", "launching", "sending", "paused"), "cancelled"),
    *_rows("marketer", "change_rate", ("sending", "paused"), "same", "audience frozen"),
    *_rows("marketer", "retry_failed", _RESOLVABLE, "sending", "no other resolution"),
    *_rows("marketer", "send_again", _RESOLVABLE, "sending", "no other resolution"),
    *_rows("marketer", "mark_as_sent", _RESOLVABLE, "sending", "no other resolution"),
    *_rows("schedule", "launch", ("scheduled",), "launching"),
    *_rows("schedule", "miss", ("scheduled",), "missed"),
    *_rows("schedule", "reject", ("scheduled",), "needs_attention"),
    *_rows("delivery", "start_sending", ("launching",), "sending"),
    *_rows("circuit_breaker", "pause", ("sending",), "paused"),
    *_rows("tick", "use_rate", ("sending",), "same"),
    *_rows("tick", "continue_resolution", ("sending",), "same"),
    *_rows("tick", "report_stall", ("launching", "sending"), "same"),
    *_rows("tick", "close", ("sending", "finished", "needs_attention"), "finished"),
    *_rows("tick", "close", ("sending", "finished", "needs_attention"), "needs_attention"),
    *_rows("tick", "close", ("cancelled",), "cancelled"),
    *_rows("tick", "finish_recount", _OVER, "same"),
    *_rows("receipt", "reopen", _OVER, "same"),
)

REOPENED_BY_RECEIPTS = frozenset(row.source for row in TRANSITIONS if row.actor == "receipt")
"""Statuses in which a receipt makes the tick look at the campaign again."""

_CONDITIONS: Mapping[Condition, Callable[[Campaign, Action], bool]] = {
    "always": lambda _campaign, _action: True,
    "never launched": lambda campaign, _: campaign.launched_at is None,
    "audience not frozen": lambda campaign, _: campaign.audience is None,
    "audience frozen": lambda campaign, _: campaign.audience is not None,
    "no other resolution": lambda campaign, action: (
        campaign.audience is not None and campaign.resolution in (None, action)
    ),
}

_HINTS: Mapping[Action, str] = {
    "delete": "Only drafts can be deleted.",
    "launch": "It cannot be launched again.",
    "change_rate": "Its rate can be changed while it sends, or is paused after sending began.",
}
