"""Validate a planned campaign before it is stored: rules, message, channel and time."""

from asyncio import to_thread
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from crm.campaigns.campaign import Message
from crm.campaigns.message import check
from crm.customers.values import Channel
from crm.kernel.errors import FieldError, Invalid, NotFound
from crm.segments.segment import Segment, require_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A campaign as requested. Exactly one of `rules` and `segment_id` defines its audience."""

    name: str
    channel: Channel
    message: Message
    rules: Mapping[str, Any] | None = None
    segment_id: str | None = None
    schedule_at: datetime | None = None
    rate: int | None = None


class SegmentLookup(Protocol):
    """Finds a segment."""

    async def get(self, segment_id: str) -> Segment:
        """The segment. Raises NotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCampaign:
    """Copies the rules of a segment into the campaign, because the segment may change later."""

    segments: SegmentLookup
    zone: tzinfo

    async def __call__(self, plan: Plan, fields: Collection[str], now: datetime) -> dict[str, Any]:
        """The fields of the campaign to store.

        `fields` are the names in the field catalogue. Raises Invalid, which lists every fault.
        """
        faults: list[FieldError] = []
        rules = plan.rules
        if (rules is None) == (plan.segment_id is None):
            faults.append(FieldError("rules", "give either rules or segment_id"))
        elif plan.segment_id is not None:
            try:
                rules = (await self.segments.get(plan.segment_id)).rules
            except NotFound:
                faults.append(FieldError("segment_id", "names no segment"))
        if plan.rules is not None:
            faults += _faults(require_rules, plan.rules, self.zone)
        faults += await to_thread(_faults, check, plan.message, fields)
        if plan.channel == "email" and not (plan.message.subject or "").strip():
            faults.append(FieldError("message.subject", "is missing: an e-mail needs one"))
        if plan.schedule_at is not None and plan.schedule_at <= now:
            faults.append(FieldError("schedule_at", "is in the past"))
        if faults:
            raise Invalid(faults)
        return {
            "name": plan.name,
            "channel": plan.channel,
            "message": plan.message,
            "rules": rules,
            "segment_id": plan.segment_id,
            "schedule_at": plan.schedule_at,
            "rate": plan.rate,
        }


def _faults(examine: Callable[..., object], *arguments: object) -> tuple[FieldError, ...]:
    try:
        examine(*arguments)
    except Invalid as error:
        return error.errors
    return ()
