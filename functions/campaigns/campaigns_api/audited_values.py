"""What the audit log says of members, keys, segments and campaigns: the fields that actions change.

Rules are in words, without the values that may name a customer. What people wrote themselves, such as a
message, is kept as they wrote it.
"""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from crm.access.field_changes import Value
from crm.audience.rules.describe import describe
from crm.audience.rules.parse import parse
from crm.audience.rules.withholding import withheld
from crm.campaigns.campaign import Campaign
from crm.kernel.errors import Invalid
from crm.segments.segment import Segment


def of_segment(segment: Segment, zone: tzinfo) -> dict[str, Value]:
    """A segment's name and rules."""
    return {"name": segment.name, "rules": rules_in_words(segment.rules, zone)}


def of_campaign(campaign: Campaign, zone: tzinfo) -> dict[str, Value]:
    """What can be edited of a campaign."""
    return {
        "name": campaign.name,
        "channel": campaign.channel,
        "subject": campaign.message.subject,
        "body": campaign.message.body,
        "segment": campaign.segment_id,
        "rules": rules_in_words(campaign.rules, zone),
        "schedule_at": campaign.schedule_at,
        "rate": campaign.rate,
    }


def rules_in_words(tree: Mapping[str, Any], zone: tzinfo) -> str:
    """Stored rules in words. Of those that can no longer be parsed only that."""
    try:
        return describe(withheld(parse(tree, zone=zone)))
    except Invalid:
        return "rules that no longer hold"
