"""The communication log: rows come back as written, by campaign, by customer and by id."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.delivery.log import LogRow
from crm.delivery.store.communication_log import COLLECTION, CommunicationLog, decode, encode
from crm.platform.firestore.client import client

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ROW = LogRow(
    message_id="m0",
    campaign_id="c1",
    customer_key="key-1",
    chunk_id="0000-0000",
    shard=3,
    channel="sms",
    status="failed",
    reason="no such number",
    sent_at=NOW,
    updated_at=NOW,
    opened_at=NOW + timedelta(seconds=1),
    clicked_at=NOW + timedelta(seconds=2),
    cohorts=("high_spenders", "active"),
)
BARE = replace(ROW, reason=None, sent_at=None, opened_at=None, clicked_at=None, cohorts=())


@pytest.mark.parametrize("row", [ROW, BARE])
def test_a_row_comes_back_as_encoded(row: LogRow) -> None:
    assert decode(encode(row)) == row


async def test_rows_are_found_by_campaign_status_customer_and_id(project: str) -> None:
    database = client(project)
    rows = [
        ROW,
        replace(BARE, message_id="m1", status="accepted", updated_at=NOW + timedelta(hours=1)),
        replace(BARE, message_id="m2", customer_key="key-2", status="accepted"),
        replace(BARE, message_id="m3", campaign_id="c2"),
    ]
    for row in rows:
        await database.collection(COLLECTION).document(row.message_id).create(encode(row))
    log = CommunicationLog(database)
    assert await log.of_campaign("c1", 2) == rows[:2]
    assert await log.of_campaign("c1", 2, after="m1") == [rows[2]]
    assert await log.of_campaign("c1", 9, "accepted") == rows[1:3]
    assert await log.of_campaign("c1", 9, "accepted", after="m1") == [rows[2]]
    assert await log.of_customer("key-1", 9) == [rows[1], rows[0], rows[3]]
    assert await log.get(["m0", "m9"]) == {"m0": ROW}
