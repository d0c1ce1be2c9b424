"""The row of a message once the vendor has answered, or failed to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from crm.channels.outgoing import SendResult
from crm.delivery.log import LogRow


def row_after_send(
    row: LogRow, results: Mapping[str, SendResult], sent_at: datetime, possibly_sent: bool = False
) -> LogRow:
    """The row of a message that was handed to the vendor, by the vendor's answer (by message id).

    A message that the answer leaves out is unknown. So is one that is refused now while, by `possibly_sent`,
    an earlier attempt may have reached the vendor.
    """
    result = results.get(row.message_id)
    if result is None:
        return replace(row, status="unknown", reason="The vendor's answer left it out.", sent_at=sent_at)
    if result.status == "accepted":
        return replace(row, status="accepted", reason=None, sent_at=sent_at)
    failed = replace(row, status="failed", reason=result.reason or "Rejected by the vendor.")
    return as_possibly_sent(failed) if possibly_sent and result.status == "refused" else failed


def as_possibly_sent(row: LogRow) -> LogRow:
    """The row as unknown: this attempt sent nothing, but an earlier one may have reached the vendor."""
    reason = f"An earlier try may have sent it; then: {row.reason}"
    return replace(row, status="unknown", reason=reason, sent_at=row.updated_at)
