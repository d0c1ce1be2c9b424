"""A campaign's communication log: read in pages, or all of it as CSV."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from fastapi.responses import StreamingResponse

from campaigns_api.ids import CampaignId
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import AppServices, Caller, Cursor, Limit, Services
from crm.campaigns.campaign import RowStatus
from crm.customers.store.customers import Name
from crm.customers.values import Channel
from crm.delivery.log import LogRow
from crm.entry.csv_files import Cell, csv_file, lines
from crm.entry.routing import Router
from crm.kernel.errors import Invalid

router = Router(prefix="/campaigns", tags=["campaigns"])

CSV_PAGE = 1000
"""Rows of one read for a CSV file."""


class LogRowResponse(ResponseModel):
    """One row of the communication log: the outcome of the message to one recipient.

    `customer_id` and `name` are null for a recipient who was erased.
    """

    message_id: str
    customer_key: str
    customer_id: str | None
    name: str | None
    status: RowStatus
    reason: str | None
    channel: Channel
    sent_at: datetime | None
    updated_at: datetime
    opened_at: datetime | None
    clicked_at: datetime | None


COLUMNS = tuple(LogRowResponse.model_fields)

_OF_ROW = tuple(name for name in COLUMNS if name not in ("customer_id", "name"))

ERASED = "erased"
"""In place of the id of an erased recipient in the CSV file."""


@router.get("/{id}/log")
async def page(
    campaign_id: CampaignId,
    services: Services,
    status: RowStatus | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[LogRowResponse]:
    """Rows of the log by message id, which is no chronological order."""
    if cursor is not None and not (cursor.isascii() and cursor.isalnum()):
        raise Invalid.at("cursor", "is not a cursor of this list")
    await services.campaigns.get(campaign_id)
    rows = await services.log.of_campaign(campaign_id, limit + 1, status, cursor)
    return Page(
        data=await shown(rows[:limit], services),
        next_cursor=rows[limit - 1].message_id if len(rows) > limit else None,
    )


@router.get("/{id}/log.csv", response_class=StreamingResponse)
async def as_csv(
    campaign_id: CampaignId, services: Services, person: Caller, status: RowStatus | None = None
) -> StreamingResponse:
    """The whole log as CSV, streamed. Cells that a spreadsheet would execute begin with an apostrophe."""
    title = (await services.campaigns.get(campaign_id)).name
    # Reads the first rows before the response starts, so that an unavailable database still answers 503.
    async with services.audited(person, "campaign.export", campaign_id, f"{title}, {status or 'all'}"):
        first = await services.log.of_campaign(campaign_id, CSV_PAGE, status)
    return csv_file(_csv(services, campaign_id, status, first), f"campaign-{campaign_id}")


async def _csv(
    services: AppServices, campaign_id: str, status: RowStatus | None, rows: Sequence[LogRow]
) -> AsyncIterator[str]:
    yield lines([COLUMNS])
    while rows:
        yield lines([_cells(row) for row in await shown(rows, services)])
        if len(rows) < CSV_PAGE:
            return
        rows = await services.log.of_campaign(campaign_id, CSV_PAGE, status, rows[-1].message_id)


async def shown(rows: Sequence[LogRow], services: AppServices) -> list[LogRowResponse]:
    """The rows with the ids and names of those recipients who exist."""
    people = await services.customers.named({row.customer_key for row in rows})
    return [row_response(row, people) for row in rows]


def row_response(row: LogRow, people: Mapping[str, Name]) -> LogRowResponse:
    """The row; `people` are the recipients who exist, by key."""
    person = people.get(row.customer_key)
    return LogRowResponse(
        **{name: getattr(row, name) for name in _OF_ROW},
        customer_id=person and person.customer_id,
        name=person and person.name,
    )


def _cells(row: LogRowResponse) -> list[Cell]:
    cells = row.model_copy(update={"customer_id": row.customer_id or ERASED})
    return [getattr(cells, column) for column in COLUMNS]
