"""The tick: apart from main.py, for it alone needs the audience, and polars takes long to import."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo

from google.cloud.firestore import AsyncClient

from crm.adapters.firestore.audience import AudienceReader
from crm.adapters.firestore.audience_store import FirestoreAudience
from crm.adapters.firestore.campaigns import Campaigns
from crm.adapters.firestore.chunks import FrozenAudiences
from crm.adapters.firestore.communication_log import CommunicationLog
from crm.adapters.firestore.counters import Counters
from crm.adapters.firestore.forgetting import ForgettingList
from crm.adapters.firestore.frozen_lists import FrozenLists
from crm.adapters.firestore.imports import ImportBook
from crm.adapters.firestore.receipts import FirestoreReceipts
from crm.adapters.firestore.reworks import Reworks
from crm.adapters.firestore.segment_points import SegmentPoints
from crm.adapters.firestore.segment_traces import SegmentTraces
from crm.adapters.firestore.segments import Segments
from crm.adapters.firestore.supervision import CountBooks, ProgressBooks
from crm.adapters.pubsub import Publisher
from crm.config import DeliverSettings
from crm.usecases.circuit import Circuit
from crm.usecases.forget import forget
from crm.usecases.rework import Reworking
from crm.usecases.segment_points import write_due_points
from crm.usecases.supervise import Supervision
from crm.usecases.tend_audience import tend_audience
from crm.usecases.tick import Tick


def every_tick(
    settings: DeliverSettings,
    database: AsyncClient,
    broker: Publisher,
    circuit: Circuit,
    zone: tzinfo,
    patience: timedelta,
) -> Callable[[Callable[[], datetime]], Awaitable[None]]:
    """What a tick does, given a clock: tend the campaigns, then the audience, points of segments and what is
    to be forgotten. To be made once an instance: its reader of the audience keeps what it has read.

    `patience` is how long published work may wait. A tick raises Unavailable where a neighbour was away.
    """
    campaigns, segments, points = Campaigns(database), Segments(database), SegmentPoints(database)
    audience = AudienceReader(database)
    forgetting, traces, imports = ForgettingList(database), SegmentTraces(database), ImportBook(database)
    tick = Tick(
        campaigns=campaigns,
        lists=FrozenLists(database),
        frozen_audience=FrozenAudiences(database),
        audience=audience,
        counts=Counters(database),
        messages=CommunicationLog(database),
        receipts=FirestoreReceipts(database),
        supervision=Supervision(
            campaigns=campaigns,
            book=CountBooks(database),
            progress=ProgressBooks(database),
            circuit=circuit,
            stall=timedelta(minutes=settings.stall_minutes),
        ),
        rework=Reworking(
            campaigns=campaigns,
            messages=CommunicationLog(database),
            book=Reworks(database),
            broker=broker,
            patience=patience,
        ),
        broker=broker,
        zone=zone,
        patience=patience,
        silence=timedelta(hours=settings.receipt_silence_hours),
        grace=timedelta(minutes=settings.schedule_grace_minutes),
    )

    async def run(now: Callable[[], datetime]) -> None:
        try:
            await tick(now())
        finally:  # after the campaigns, and whatever became of them
            await tend_audience(FirestoreAudience(database))  # it holds a lease: one a tick
            launched = await campaigns.tended()
            await write_due_points(launched, segments, points, audience, now(), zone)
            await forget(forgetting, traces, imports, now())

    return run
