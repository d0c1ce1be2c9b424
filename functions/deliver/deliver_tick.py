"""The tick: apart from main.py, for it alone needs the audience, and polars takes long to import."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo

from google.cloud.firestore import AsyncClient

from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.reader import AudienceReader
from crm.audience.usecases.maintain import Maintain
from crm.campaigns.campaign import segment_launch
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.campaigns.usecases.launch import Launch
from crm.config import DeliverSettings
from crm.delivery.store.chunks import FrozenAudiences
from crm.delivery.store.communication_log import CommunicationLog
from crm.delivery.store.receipts import FirestoreReceipts
from crm.imports.store import ImportStore
from crm.platform.pubsub import Publisher
from crm.privacy.store.erasure_queue import ErasureQueue
from crm.privacy.usecases.finish_erasures import FinishErasures
from crm.segments.store.erasure import SegmentErasure
from crm.segments.store.segments import Segments
from crm.segments.store.snapshots import SegmentSnapshots
from crm.segments.usecases.snapshot_launch import SnapshotLaunch
from crm.segments.usecases.take_due_snapshots import TakeDueSnapshots
from crm.segments.usecases.take_snapshot import TakeSnapshot
from crm.supervision.store.resolutions import FirestoreResolutions
from crm.supervision.store.supervision import FirestoreCounts, FirestoreProgress
from crm.supervision.usecases.circuit_breaker import Circuit
from crm.supervision.usecases.resolve import ResolveMessages
from crm.supervision.usecases.tick import Tick
from crm.supervision.usecases.watch import Supervision


def every_tick(
    settings: DeliverSettings,
    database: AsyncClient,
    broker: Publisher,
    circuit: Circuit,
    zone: tzinfo,
    patience: timedelta,
) -> Callable[[Callable[[], datetime]], Awaitable[None]]:
    """What a tick does, given a clock: tend the campaigns, then the audience, segment snapshots and
    pending erasures. To be made once an instance: its reader of the audience keeps what it has read.

    `patience` is how long published work may wait. A tick raises Unavailable where a dependency was away.
    """
    campaigns, segments, snapshots = Campaigns(database), Segments(database), SegmentSnapshots(database)
    audience = AudienceReader(database)
    take = TakeSnapshot(snapshots=snapshots, audience=audience, zone=zone)
    take_due_snapshots = TakeDueSnapshots(
        segments=segments,
        take=take,
        snapshot_launch=SnapshotLaunch(segments=segments, snapshots=snapshots, take=take),
        zone=zone,
    )
    finish_erasures = FinishErasures(
        queue=ErasureQueue(database), segments=SegmentErasure(database), imports=ImportStore(database)
    )
    tick = Tick(
        campaigns=campaigns,
        lists=FrozenLists(database),
        frozen_audience=FrozenAudiences(database),
        launch=Launch(
            campaigns=campaigns,
            lists=FrozenLists(database),
            audience=audience,
            broker=broker,
            zone=zone,
        ),
        counts=Counters(database),
        messages=CommunicationLog(database),
        receipts=FirestoreReceipts(database),
        supervision=Supervision(
            campaigns=campaigns,
            book=FirestoreCounts(database),
            progress=FirestoreProgress(database),
            circuit=circuit,
            stall=timedelta(minutes=settings.stall_minutes),
        ),
        resolution=ResolveMessages(
            campaigns=campaigns,
            messages=CommunicationLog(database),
            book=FirestoreResolutions(database),
            broker=broker,
            patience=patience,
        ),
        broker=broker,
        patience=patience,
        silence=timedelta(hours=settings.receipt_silence_hours),
        grace=timedelta(minutes=settings.schedule_grace_minutes),
    )

    async def run(now: Callable[[], datetime]) -> None:
        try:
            await tick(now())
        finally:  # after the campaigns, and whatever became of them
            await Maintain(store=FirestoreAudience(database))()  # it holds a lease: one a tick
            launches = filter(None, map(segment_launch, await campaigns.needs_tick()))
            await take_due_snapshots(launches, now())
            await finish_erasures(now())

    return run
