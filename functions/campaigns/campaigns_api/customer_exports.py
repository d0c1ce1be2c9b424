"""All that is held of a customer, as a file."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from fastapi import Response

from campaigns_api.customers import (
    CustomerMessageResponse,
    CustomerResponse,
    OrderResponse,
    existing,
    messages_of,
    order_shapes,
    values,
)
from campaigns_api.ids import CustomerKey
from campaigns_api.responses import ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.audit_events import Action, Outcome
from crm.entry.routing import Router
from crm.platform.clock import now
from crm.segments.segment import SnapshotKind

router = Router(prefix="/customers", tags=["customers"])

EXPORTED = 100_000
"""Messages that an export holds at most: more than one person ever got."""

MAX_EVENTS = 10_000
"""Most audit events in an export."""


class ExportedCustomer(CustomerResponse):
    """A customer with all that is kept of them; `field_times` says when a source set each field."""

    field_times: Mapping[str, datetime]
    version: int


class NotedResponse(ResponseModel):
    """A segment snapshot that has the customer as a member."""

    segment_id: str
    segment_name: str
    at: datetime
    kind: SnapshotKind


class ImportedRowResponse(ResponseModel):
    """A row of an import that speaks of the customer. `value` is what was wrong with it, where it was."""

    import_id: str
    at: datetime
    row: int
    outcome: str
    column: str
    value: str
    reason: str


class RefusedResponse(ResponseModel):
    """What was said of the customer and could not be processed."""

    at: datetime
    reason: str
    content: str


class AccessResponse(ResponseModel):
    """An action of a member on the customer's data."""

    at: datetime
    action: Action
    outcome: Outcome


class ExportResponse(ResponseModel):
    """All that is held of a customer."""

    exported_at: datetime
    customer: ExportedCustomer
    orders: list[OrderResponse]
    messages: list[CustomerMessageResponse]
    segments: list[NotedResponse]
    imports: list[ImportedRowResponse]
    dead_letters: list[RefusedResponse]
    audit_events: list[AccessResponse]


@router.get("/{key}/export")
async def export(key: CustomerKey, response: Response, services: Services, person: Caller) -> ExportResponse:
    """All that is held of a customer, as a file."""
    customer = await existing(key, services)
    customer_id = customer.customer_id
    async with services.audited(person, "customer.export", key):
        orders, messages, noted, rows, letters, events = await asyncio.gather(
            services.records.orders_of(customer_id),
            messages_of(customer, EXPORTED, services),
            services.segment_erasure.of_customer(customer_id),
            services.imports.of_customer(customer_id, now()),
            services.dead_letters.of_customer(customer_id, now()),
            services.audit_log.about_customer(key, now(), MAX_EVENTS),
        )
    response.headers["Content-Disposition"] = 'attachment; filename="customer.json"'
    return ExportResponse(
        exported_at=now(),
        customer=ExportedCustomer(
            **values(customer), field_times=customer.field_times, version=customer.version
        ),
        orders=order_shapes(orders),
        messages=messages,
        segments=[
            NotedResponse(segment_id=each.segment_id, segment_name=each.name, at=each.at, kind=each.kind)
            for each in noted
        ],
        imports=[
            ImportedRowResponse(
                import_id=known.import_id,
                at=known.at,
                row=row.row,
                outcome=row.outcome,
                column=row.column,
                value=row.value,
                reason=row.reason,
            )
            for known, row in rows
        ],
        dead_letters=[
            RefusedResponse(
                at=kept.at, reason=kept.letter.reason, content=kept.letter.payload.decode(errors="replace")
            )
            for kept in letters
        ],
        audit_events=[
            AccessResponse(at=event.at, action=event.action, outcome=event.outcome) for event in events
        ],
    )
