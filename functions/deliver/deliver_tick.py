"""The wiring of the tick, apart from main.py: only it needs the audience, and polars takes long to import."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from google.cloud.firestore import AsyncClient

from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.reader import AudienceReader
from crm.audience.usecases.maintain import Maintain
from crm.campaigns.campaign import segment_launch
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.campaigns.usecases.launch import Launch
from crm.campaigns.usecases.request_missing_partitions import RequestMissingPartitions
from crm.config import DeliverSettings
from crm.customers.store.dead_letters import DeadLetters
from crm.delivery.store.communication_log import CommunicationLog
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.delivery.store.receipts import FirestoreReceipts
from crm.delivery.usecases.join_unmatched import JoinUnmatched
from crm.delivery.usecases.join_waiting import JoinWaiting
from crm.imports.store import FirestoreImports
from crm.kernel.errors import CrmError
from crm.platform.jitter import long_pause
from crm.privacy.store.erasure_queue import ErasureQueue
from crm.privacy.usecases.finish_erasures import FinishErasures
from crm.segments.store.erasure import SegmentErasure
from crm.segments.store.segments import Segments
from crm.segments.store.snapshots import SegmentSnapshots
from crm.segments.usecases.snapshot_launch import SnapshotLaunch
from crm.segments.usecases.take_due_snapshots import TakeDueSnapshots
from crm.segments.usecases.take_snapshot import TakeSnapshot
from crm.supervision.store.backups import FirestoreBackups
from crm.supervision.store.counts import FirestoreCounts
from crm.supervision.store.progress import FirestoreProgress
from crm.supervision.store.resolutions import FirestoreResolutions
from crm.supervision.usecases.advance import Advance
from crm.supervision.usecases.check_backups import CheckBackups
from crm.supervision.usecases.circuit_breaker import CircuitBreaker
from crm.supervision.usecases.close import Close
from crm.supervision.usecases.continue_recount import ContinueRecount
from crm.supervision.usecases.correct_counters import CorrectCounters
from crm.supervision.usecases.counters_agree import CountersAgree
from crm.supervision.usecases.expire_silent import ExpireSilent
from crm.supervision.usecases.publish_due_chunks import PublishDueChunks
from crm.supervision.usecases.report_stall import ReportStall
from crm.supervision.usecases.resolve_messages import ResolveMessages
from crm.supervision.usecases.start_scheduled import StartScheduled
from crm.supervision.usecases.sweep_counters import SweepCounters
from crm.supervision.usecases.sweep_frozen_lists import SweepFrozenLists
from crm.supervision.usecases.tick import Tick
from crm.supervision.usecases.verify_counters import VerifyCounters
from crm.supervision.usecases.watch import Watch

logger = logging.getLogger(__name__)


class EveryMinute:
    """What the scheduler calls: the tick of the campaigns, then the upkeep of audience and segments.

    Made once an instance: its reader keeps the audience that it has loaded.
    """

    def __init__(
        self,
        settings: DeliverSettings,
        database: AsyncClient,
        requests: DeliveryRequests,
        circuit_breaker: CircuitBreaker,
        zone: tzinfo,
        patience: timedelta,
    ) -> None:
        audience = AudienceReader(database)
        self._campaigns = Campaigns(database)
        self._database = database
        self._tick = _tick(settings, database, requests, audience, circuit_breaker, zone, patience)
        self._take_due_snapshots = _take_due_snapshots(database, audience, zone)
        self._finish_erasures = FinishErasures(
            queue=ErasureQueue(database),
            segments=SegmentErasure(database),
            imports=FirestoreImports(database),
            letters=DeadLetters(database),
        )
        self._check_backups = CheckBackups(
            backups=FirestoreBackups(settings.project, settings.database),
            within=timedelta(hours=settings.backup_within_hours),
        )

    async def __call__(self, now: Callable[[], datetime]) -> None:
        """Run once, by a clock. Whatever becomes of one part, the others run.

        Raises one of the errors after that: that of a bug, else Unavailable where a dependency was away.
        """
        parts = (self._tick, self._maintain, self._take_snapshots, self._finish_erasures, self._check_backups)
        failed: list[Exception] = []
        for part in parts:
            try:
                await part(now())
            except Exception as error:
                failed.append(error)
        if failed:
            gravest = min(failed, key=lambda error: isinstance(error, CrmError))
            for each in failed:
                if each is not gravest:
                    logger.warning("another part of the tick failed", exc_info=each)
            raise gravest

    async def _maintain(self, now: datetime) -> None:
        await Maintain(store=FirestoreAudience(self._database))()  # its lease allows one a tick

    async def _take_snapshots(self, now: datetime) -> None:
        launches = filter(None, map(segment_launch, await self._campaigns.needs_tick()))
        await self._take_due_snapshots(launches, now)


def _take_due_snapshots(database: AsyncClient, audience: AudienceReader, zone: tzinfo) -> TakeDueSnapshots:
    segments, snapshots = Segments(database), SegmentSnapshots(database)
    take = TakeSnapshot(snapshots=snapshots, audience=audience, zone=zone)
    snapshot_launch = SnapshotLaunch(segments=segments, snapshots=snapshots, take=take)
    return TakeDueSnapshots(segments=segments, take=take, snapshot_launch=snapshot_launch, zone=zone)


def _tick(
    settings: DeliverSettings,
    database: AsyncClient,
    requests: DeliveryRequests,
    audience: AudienceReader,
    circuit_breaker: CircuitBreaker,
    zone: tzinfo,
    patience: timedelta,
) -> Tick:
    campaigns, lists, frozen_audience = Campaigns(database), FrozenLists(database), FrozenAudiences(database)
    counters, counts, progress = Counters(database), FirestoreCounts(database), FirestoreProgress(database)
    messages, receipts = CommunicationLog(database), FirestoreReceipts(database)
    silence = timedelta(hours=settings.receipt_silence_hours)
    join_unmatched = JoinUnmatched(receipts=receipts, pause=long_pause)
    counters_agree = CountersAgree(counts=counts)
    continue_recount = ContinueRecount(counts=counts, correct=CorrectCounters(counts=counts))
    return Tick(
        campaigns=campaigns,
        counts=counters,
        progress=progress,
        join_waiting=JoinWaiting(receipts=receipts, join_unmatched=join_unmatched),
        advance=Advance(
            start_scheduled=StartScheduled(
                campaigns=campaigns,
                launch=Launch(
                    campaigns=campaigns, lists=lists, audience=audience, requests=requests, zone=zone
                ),
                grace=timedelta(minutes=settings.schedule_grace_minutes),
            ),
            watch=Watch(
                progress=progress,
                counters_agree=counters_agree,
                continue_recount=continue_recount,
                report_stall=ReportStall(
                    campaigns=campaigns, counts=counts, stall=timedelta(minutes=settings.stall_minutes)
                ),
                circuit_breaker=circuit_breaker,
            ),
            request_missing_partitions=RequestMissingPartitions(lists=lists, requests=requests),
            publish_due_chunks=PublishDueChunks(
                campaigns=campaigns, frozen_audience=frozen_audience, requests=requests, patience=patience
            ),
            resolve_messages=ResolveMessages(
                campaigns=campaigns,
                messages=messages,
                resolutions=FirestoreResolutions(database),
                requests=requests,
                patience=patience,
            ),
            expire_silent=ExpireSilent(
                messages=messages, receipts=receipts, join_unmatched=join_unmatched, silence=silence
            ),
            close=Close(
                campaigns=campaigns,
                lists=lists,
                frozen_audience=frozen_audience,
                verify_counters=VerifyCounters(
                    counters_agree=counters_agree, continue_recount=continue_recount, progress=progress
                ),
            ),
            frozen_audience=frozen_audience,
            patience=patience,
            silence=silence,
        ),
        sweep_frozen_lists=SweepFrozenLists(campaigns=campaigns, lists=lists),
        sweep_counters=SweepCounters(campaigns=campaigns, continue_recount=continue_recount),
    )
