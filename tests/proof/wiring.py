"""The use cases of delivery and supervision over stores in memory, wired as the functions wire them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.usecases.cancel import Cancel
from crm.campaigns.usecases.change_rate import ChangeRate
from crm.campaigns.usecases.launch import Launch
from crm.campaigns.usecases.pause import Pause
from crm.campaigns.usecases.request_missing_partitions import RequestMissingPartitions
from crm.campaigns.usecases.resume import Resume
from crm.campaigns.usecases.unschedule import Unschedule
from crm.channels.ports import Vendor
from crm.customers.unsubscribe_links import UnsubscribeLinks
from crm.delivery.plan import PlannedMessage
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.delivery.usecases.dispatch import Dispatch
from crm.delivery.usecases.freeze_partition import FreezePartition
from crm.delivery.usecases.hand_over import HandOver
from crm.delivery.usecases.join_unmatched import JoinUnmatched
from crm.delivery.usecases.join_waiting import JoinWaiting
from crm.delivery.usecases.start_sending import StartSending
from crm.kernel.broker import Broker
from crm.supervision.usecases.advance import Advance
from crm.supervision.usecases.check_failures import CheckFailures
from crm.supervision.usecases.circuit_breaker import CircuitBreaker
from crm.supervision.usecases.close import Close
from crm.supervision.usecases.continue_recount import ContinueRecount
from crm.supervision.usecases.correct_counters import CorrectCounters
from crm.supervision.usecases.counters_agree import CountersAgree
from crm.supervision.usecases.expire_silent import ExpireSilent
from crm.supervision.usecases.publish_due_chunks import PublishDueChunks
from crm.supervision.usecases.reconcile import Reconcile
from crm.supervision.usecases.report_stall import ReportStall
from crm.supervision.usecases.request_resolution import RequestResolution
from crm.supervision.usecases.resolve_messages import ResolveMessages
from crm.supervision.usecases.start_scheduled import StartScheduled
from crm.supervision.usecases.sweep_counters import SweepCounters
from crm.supervision.usecases.sweep_frozen_lists import SweepFrozenLists
from crm.supervision.usecases.tick import Tick
from crm.supervision.usecases.verify_counters import VerifyCounters
from crm.supervision.usecases.watch import Watch
from tests.proof.ledgers import Counters, CounterSnapshots, ProgressTable, Receipts
from tests.proof.lists import Audiences, Lists
from tests.proof.memory import Campaigns, ChunkLeases, Database, Log, Resolutions
from tests.proof.people import People
from tests.support import no_pause

LEASE = timedelta(minutes=2)
SILENCE = timedelta(hours=72)
MEMORY = timedelta(hours=24)
STALL = timedelta(minutes=30)

LINKS = UnsubscribeLinks("https://crm.example.com", ["a key for tests that is long enough"])


async def at_once(plan: Iterator[PlannedMessage], /) -> list[PlannedMessage]:
    """Renders in one go: nothing else waits for it here."""
    return list(plan)


class Wiring:
    """Stores and use cases of one database in memory."""

    def __init__(
        self,
        db: Database,
        people: People,
        broker: Broker,
        vendor: Vendor,
        now: Callable[[], datetime],
        *,
        threshold: float,
        minimum: int,
        grace: timedelta,
    ) -> None:
        self.campaigns = campaigns = Campaigns(db)
        self.lists = lists = Lists(db)
        self.frozen_audience = frozen_audience = Audiences(db)
        self.chunks = ChunkLeases(db)
        self.receipts = receipts = Receipts(db, now)
        self.counters = Counters(db)
        self.counts = counts = CounterSnapshots(db)
        self.progress = progress = ProgressTable(db)
        self.messages = messages = Log(db)

        requests = DeliveryRequests(broker)
        self.request_missing_partitions = RequestMissingPartitions(lists=lists, requests=requests)
        self.launch = Launch(campaigns=campaigns, lists=lists, audience=people, requests=requests, zone=UTC)
        self.pause = Pause(campaigns=campaigns)
        self.resume = Resume(
            campaigns=campaigns,
            chunks=frozen_audience,
            requests=requests,
            request_missing_partitions=self.request_missing_partitions,
        )
        self.cancel = Cancel(campaigns=campaigns, chunks=frozen_audience, requests=requests)
        self.unschedule = Unschedule(campaigns=campaigns)
        self.change_rate = ChangeRate(campaigns=campaigns, chunks=frozen_audience, requests=requests)
        self.request_resolution = RequestResolution(campaigns=campaigns, counts=self.counters)

        start_sending = StartSending(
            campaigns=campaigns, lists=lists, frozen_audience=frozen_audience, requests=requests
        )
        self.freeze_partition = FreezePartition(
            campaigns=campaigns,
            lists=lists,
            frozen_audience=frozen_audience,
            start_sending=start_sending,
            patience=LEASE,
        )
        circuit_breaker = CircuitBreaker(campaigns=campaigns, threshold=threshold, minimum=minimum)
        self.dispatch = Dispatch(
            campaigns=campaigns,
            chunks=self.chunks,
            customers=people,
            rendering=at_once,
            hand_over=HandOver(vendor=vendor, patience=LEASE / 2),
            link_to=LINKS.to,
            check_failures=CheckFailures(
                counts=self.counters, progress=progress, circuit_breaker=circuit_breaker
            ),
            lease=LEASE,
            memory=MEMORY,
        )
        self.apply_receipts = ApplyReceipts(receipts=receipts, pause=no_pause)
        join_unmatched = JoinUnmatched(receipts=receipts, pause=no_pause)

        self.counters_agree = CountersAgree(counts=counts)
        correct = CorrectCounters(counts=counts)
        self.reconcile = Reconcile(counts=counts, correct=correct)
        self.continue_recount = ContinueRecount(counts=counts, correct=correct)
        self.resolve_messages = ResolveMessages(
            campaigns=campaigns,
            messages=messages,
            resolutions=Resolutions(db),
            requests=requests,
            patience=LEASE,
        )
        self.verify_counters = VerifyCounters(
            counters_agree=self.counters_agree, continue_recount=self.continue_recount, progress=progress
        )
        self.tick = Tick(
            campaigns=campaigns,
            counts=self.counters,
            progress=progress,
            join_waiting=JoinWaiting(receipts=receipts, join_unmatched=join_unmatched),
            advance=Advance(
                start_scheduled=StartScheduled(campaigns=campaigns, launch=self.launch, grace=grace),
                watch=Watch(
                    progress=progress,
                    counters_agree=self.counters_agree,
                    continue_recount=self.continue_recount,
                    report_stall=ReportStall(campaigns=campaigns, counts=counts, stall=STALL),
                    circuit_breaker=circuit_breaker,
                ),
                request_missing_partitions=self.request_missing_partitions,
                publish_due_chunks=PublishDueChunks(
                    campaigns=campaigns, frozen_audience=frozen_audience, requests=requests, patience=LEASE
                ),
                resolve_messages=self.resolve_messages,
                expire_silent=ExpireSilent(
                    messages=messages, receipts=receipts, join_unmatched=join_unmatched, silence=SILENCE
                ),
                close=Close(
                    campaigns=campaigns,
                    lists=lists,
                    frozen_audience=frozen_audience,
                    verify_counters=self.verify_counters,
                ),
                frozen_audience=frozen_audience,
                patience=LEASE,
                silence=SILENCE,
            ),
            sweep_frozen_lists=SweepFrozenLists(campaigns=campaigns, lists=lists),
            sweep_counters=SweepCounters(campaigns=campaigns, continue_recount=self.continue_recount),
        )
