"""All that is held of a customer, as a file."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Response

from campaigns_api.customers import (
    CustomerId,
    CustomerShape,
    MessageShape,
    OrderShape,
    existing,
    messages_of,
    order_shapes,
    values,
)
from campaigns_api.services import SIGNED_IN, Here, Viewer
from campaigns_api.shapes import Shape
from crm.access.audit_events import Action, Outcome
from crm.platform.clock import now
from crm.segments.segment import PointKind

router = APIRouter(prefix="/customers", tags=["customers"], dependencies=[SIGNED_IN])

EXPORTED = 100_000
"""Messages that an export holds at most: more than one person ever got."""

ACTS = 10_000
"""Acts on one customer that an export holds at most."""


class ExportedCustomer(CustomerShape):
    """A customer with all that is kept of them; `field_times` says when a source set each field."""

    field_times: Mapping[str, datetime]
    version: int


class NotedShape(Shape):
    """A moment at which it was written down that the customer is in a segment."""

    segment_id: str
    segment_name: str
    at: datetime
    kind: PointKind


class ImportedRowShape(Shape):
    """A row of an import that speaks of the customer. `value` is what was wrong with it, where it was."""

    import_id: str
    at: datetime
    row: int
    outcome: str
    column: str
    value: str
    reason: str


class RefusedShape(Shape):
    """What was said of the customer and could not be processed."""

    at: datetime
    reason: str
    content: str


class DoneShape(Shape):
    """What a member did with the customer's data."""

    at: datetime
    action: Action
    outcome: Outcome


class ExportShape(Shape):
    """All that is held of a customer."""

    exported_at: datetime
    customer: ExportedCustomer
    orders: list[OrderShape]
    messages: list[MessageShape]
    segments: list[NotedShape]
    imports: list[ImportedRowShape]
    dead_letters: list[RefusedShape]
    acts: list[DoneShape]


@router.get("/{customer_id:path}/export")
async def export(customer_id: CustomerId, response: Response, here: Here, person: Viewer) -> ExportShape:
    """All that is held of a customer, as a file."""
    customer = await existing(customer_id, here)
    async with here.act(person.email, "customer.export", customer_id):
        orders, messages, noted, rows, letters, acts = await asyncio.gather(
            here.holdings.orders(customer_id),
            messages_of(customer_id, EXPORTED, here),
            here.segment_traces.of_customer(customer_id),
            here.imports.of_customer(customer_id, now()),
            here.dead_letters.of_customer(customer_id, now()),
            here.audit_log.on_customer(customer_id, now(), ACTS),
        )
    response.headers["Content-Disposition"] = 'attachment; filename="customer.json"'
    return ExportShape(
        exported_at=now(),
        customer=ExportedCustomer(
            **values(customer), field_times=customer.field_times, version=customer.version
        ),
        orders=order_shapes(orders),
        messages=messages,
        segments=[
            NotedShape(segment_id=each.segment_id, segment_name=each.name, at=each.at, kind=each.kind)
            for each in noted
        ],
        imports=[
            ImportedRowShape(
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
            RefusedShape(
                at=kept.at, reason=kept.letter.reason, content=kept.letter.payload.decode(errors="replace")
            )
            for kept in letters
        ],
        acts=[DoneShape(at=act.at, action=act.action, outcome=act.outcome) for act in acts],
    )
