"""Receipts on their way back: packed into messages of a topic, unpacked into calls of the webhook."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from pydantic import AwareDatetime, BaseModel

from crm.config import VendorSettings
from crm.kernel.batches import batched
from vendor_sim.outcomes import Report, reports

CALLS = 20
"""Webhook calls that one message causes. If one of them fails, all are repeated."""

MOST = 1000
"""Most receipts of a message and of a call; the webhook accepts no more."""


class Callbacks(BaseModel):
    """A message of `vendor-callbacks`: receipts, and the time before which they are not sent."""

    not_before: AwareDatetime
    receipts: list[dict[str, Any]]


def packed(settings: VendorSettings, accepted: Sequence[tuple[str, datetime]]) -> list[bytes]:
    """The messages that carry all receipts of the accepted messages (id, time), the earliest due first."""
    found = [report for name, at in accepted for report in reports(settings, name, at)]
    accepted_at = dict(accepted)

    def due(report: Report) -> datetime:
        return accepted_at[report.message_id] + timedelta(seconds=report.after)

    size = min(MOST, settings.callback_batch * CALLS)
    messages = []
    for due_at, group in groupby(sorted(found, key=due), key=due):
        receipts = [report.as_json() for report in group]
        messages += [
            json.dumps({"not_before": due_at.isoformat(), "receipts": part}).encode()
            for part in batched(receipts, size)
        ]
    return messages


def calls(callbacks: Callbacks, size: int) -> list[str]:
    """The bodies of the webhook calls, each of up to `size` receipts; with `size` 1 each is sent without a
    list."""
    parts = batched(callbacks.receipts, size)
    return [json.dumps(part[0] if size == 1 else {"receipts": part}) for part in parts]
