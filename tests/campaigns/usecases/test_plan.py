"""A plan is validated as a whole, and every fault is listed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.campaign import Message
from crm.campaigns.usecases.plan import Plan, PlanCampaign
from crm.kernel.errors import Invalid, NotFound
from crm.segments.segment import MAX_RULES_SIZE, Segment

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RULES = {"combinator": "and", "rules": [{"field": "visits", "operator": ">", "value": 3}]}
SEGMENT = Segment(
    segment_id="s1",
    name="Regulars",
    rules=RULES,
    created_at=NOW,
    created_by="mira@example.com",
    updated_at=NOW,
    updated_by="mira@example.com",
)
HELLO = Message(body="Hi {{ customer.name }}")


class OneSegment:
    """Has the segment s1."""

    async def get(self, segment_id: str) -> Segment:
        if segment_id != SEGMENT.segment_id:
            raise NotFound("no")
        return SEGMENT


async def planned(**wishes: Any) -> dict[str, Any]:
    plan = Plan(**{"name": "Spring", "channel": "simulator", "message": HELLO, **wishes})
    return await PlanCampaign(segments=OneSegment(), zone=UTC)(plan, ["attributes.size"], NOW)


async def faults(**wishes: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        await planned(**wishes)
    return [error.path for error in refused.value.errors]


async def test_rules_are_kept_as_posted() -> None:
    fields = await planned(rules=RULES)
    assert fields["rules"] == RULES
    assert fields["segment_id"] is None


async def test_the_rules_of_a_segment_are_copied() -> None:
    fields = await planned(segment_id="s1")
    assert (fields["rules"], fields["segment_id"]) == (RULES, "s1")


async def test_a_plan_needs_either_rules_or_a_segment() -> None:
    assert await faults() == ["rules"]
    assert await faults(rules=RULES, segment_id="s1") == ["rules"]
    assert await faults(segment_id="s2") == ["segment_id"]


async def test_one_error_lists_every_fault() -> None:
    rules = {"combinator": "and", "rules": [{"field": "spend", "operator": ">", "value": 3}]}
    found = await faults(
        rules=rules, message=Message(body="Hi {{ customer.nme }}"), schedule_at=NOW - timedelta(seconds=1)
    )
    assert found == ["rules.rules.0.field", "message.body", "schedule_at"]


async def test_rules_too_large_to_store_are_refused() -> None:
    large = {**RULES, "id": "x" * MAX_RULES_SIZE}
    assert await faults(rules=large) == ["rules"]


async def test_a_message_may_use_attributes_of_the_field_catalogue() -> None:
    await planned(rules=RULES, message=Message(body="Size {{ customer.attributes.size }}"))
    assert await faults(rules=RULES, message=Message(body="{{ customer.attributes.hat }}")) == [
        "message.body"
    ]


async def test_an_email_needs_a_subject() -> None:
    assert await faults(rules=RULES, channel="email") == ["message.subject"]
    assert await faults(rules=RULES, channel="email", message=Message(body="Hi", subject=" ")) == [
        "message.subject"
    ]
    await planned(rules=RULES, channel="email", message=Message(body="Hi", subject="Spring"))
