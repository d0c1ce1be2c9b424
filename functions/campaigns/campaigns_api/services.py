"""What the routes work with, and who may call them."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request

from crm.access.audit_events import Action, AuditEvent
from crm.access.field_changes import Value, field_changes
from crm.access.members import SignedIn
from crm.access.nonces import Nonces
from crm.access.origins import Origin
from crm.access.session_auth import caller_of, origin_of
from crm.access.sessions import Sessions
from crm.access.store.api_keys import ApiKeys
from crm.access.store.audit_log import FirestoreAuditLog
from crm.access.store.members import Members
from crm.access.store.used_nonces import UsedNonces
from crm.access.store.webhook_secrets import WebhookSecrets
from crm.access.usecases.record_event import RecordEvent
from crm.access.usecases.sign_in import SignIn
from crm.audience.rules.fields import ATTRIBUTES, CUSTOMER_FIELDS
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.campaigns.store.timelines import Timelines
from crm.channels.http_vendor import HttpVendor
from crm.config import CampaignsSettings
from crm.customers.store.customers import Customers
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.records import FirestoreRecords
from crm.customers.unsubscribe_links import example_link
from crm.customers.usecases.change_suppression import ChangeSuppression
from crm.customers.usecases.ingest import Ingest
from crm.delivery.store.communication_log import CommunicationLog
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.entry.slots import Slots
from crm.entry.work_queue import WorkQueue
from crm.imports.store import FirestoreImports
from crm.imports.usecases.import_file import ImportFile
from crm.kernel.errors import Conflict
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.jitter import pause
from crm.platform.pubsub import Publisher
from crm.privacy.ledgers import ledger_at
from crm.privacy.store.customer_data import FirestoreCustomerData
from crm.privacy.usecases.erase import EraseCustomer
from crm.sample.store import FirestoreSampleLoads
from crm.sample.usecases.load_sample import LoadSample
from crm.sample.usecases.remove_sample import RemoveSample
from crm.segments.store.segments import Segments
from crm.summaries.store import Summaries
from crm.supervision.store.resolutions import FirestoreResolutions
from crm.supervision.usecases.request_resolution import RequestResolution
from crm.supervision.usecases.resolve_messages import ResolveMessages

if TYPE_CHECKING:
    from crm.audience.store.reader import AudienceReader
    from crm.segments.membership_cache import MembershipCache
    from crm.segments.store.erasure import SegmentErasure
    from crm.segments.store.snapshots import SegmentSnapshots
    from crm.segments.usecases.snapshot_launch import SnapshotLaunch
    from crm.segments.usecases.take_snapshot import TakeSnapshot

MAX_PAGE = 200

PATIENCE = timedelta(minutes=2)
"""How long a published chunk may wait before the tick publishes it again."""

EVALUATIONS = 2
"""Rules evaluated at the same time: each takes a processor."""

RULE_LISTS = 2
"""Lists with rules that are read at the same time: a page may hold megabytes of values."""

RULE_LIST_PATIENCE = 15.0
"""Seconds that a list waits for others."""

IMPORTS = 2
"""Files imported at the same time: each is held in memory."""

IMPORT_PATIENCE = 15.0
"""Seconds that an import waits for others: half of the time that its call may take."""

VENDOR_TIMEOUT = 15.0
"""Timeout in seconds of a test send, for which a person waits."""


_NOTHING: Final[Mapping[str, Value]] = {}


class AppServices:
    """The adapters of one process. Making one finds the cloud's credentials, and connects to nothing."""

    def __init__(self, settings: CampaignsSettings) -> None:
        database = client(settings.project, settings.database)
        self.settings = settings
        self.database = database
        self.zone = ZoneInfo(settings.time_zone)
        self.id_tokens = IdTokens(settings.certs_url, settings.issuers)
        self.sessions = Sessions(settings.session_secrets)
        self.members = Members(database)
        self.nonces = Nonces(settings.session_secrets)
        self.sign_in = SignIn(
            members=self.members,
            nonces=self.nonces,
            used_nonces=UsedNonces(database),
            hosted_domain=settings.hosted_domain,
        )
        self.keys = ApiKeys(database)
        self.segments = Segments(database)
        self.campaigns = Campaigns(database)
        self.frozen_lists = FrozenLists(database)
        self.frozen = FrozenAudiences(database)
        self.counters = Counters(database)
        self.timelines = Timelines(database)
        self.summaries = Summaries(database)
        self.log = CommunicationLog(database)
        self.customers = Customers(database)
        self.erase_customer = EraseCustomer(
            store=FirestoreCustomerData(database), ledger=ledger_at(settings.erasure_ledger)
        )
        self.dead_letters = DeadLetters(database)
        self.evaluations = WorkQueue(EVALUATIONS)
        self.rule_list_slots = Slots(
            RULE_LISTS, RULE_LIST_PATIENCE, "Other lists are being read. Ask again in a moment."
        )
        self.import_slots = Slots(
            IMPORTS, IMPORT_PATIENCE, "Other files are being imported. Send it again in a moment."
        )
        self.imports = FirestoreImports(database)
        self.webhook_secrets = WebhookSecrets(database)
        self.audit_log = FirestoreAuditLog(database)
        self.record_event = RecordEvent(log=self.audit_log)
        self.records = FirestoreRecords(database)
        self.change_suppression = ChangeSuppression(customers=self.records, pause=pause)
        self.broker = Publisher(settings.project, settings.topic_prefix)
        self.delivery_requests = DeliveryRequests(self.broker)
        self.ingest = Ingest(broker=self.broker)
        self.import_file = ImportFile(imports=self.imports, records=self.records, ingest=self.ingest)
        sample_loads = FirestoreSampleLoads(database)
        self.load_sample = LoadSample(loads=sample_loads, ingest=self.ingest)
        self.remove_sample = RemoveSample(loads=sample_loads, erase_customer=self.erase_customer)
        self.request_resolution = RequestResolution(campaigns=self.campaigns, counts=self.counters)
        self.resolve_messages = ResolveMessages(
            campaigns=self.campaigns,
            messages=self.log,
            resolutions=FirestoreResolutions(database),
            requests=self.delivery_requests,
            patience=PATIENCE,
        )

    @cached_property
    def audience(self) -> "AudienceReader":
        """Reads the audience. It loads polars, which most calls do without."""
        from crm.audience.store.reader import AudienceReader

        return AudienceReader(self.database)

    @cached_property
    def segment_snapshots(self) -> "SegmentSnapshots":
        """Stores segment snapshots. It loads polars."""
        from crm.segments.store.snapshots import SegmentSnapshots

        return SegmentSnapshots(self.database)

    @cached_property
    def take_snapshot(self) -> "TakeSnapshot":
        """Takes snapshots of segments. It loads polars."""
        from crm.segments.usecases.take_snapshot import TakeSnapshot

        return TakeSnapshot(snapshots=self.segment_snapshots, audience=self.audience, zone=self.zone)

    @cached_property
    def snapshot_launch(self) -> "SnapshotLaunch":
        """Takes the snapshot that belongs to a launch. It loads polars."""
        from crm.segments.usecases.snapshot_launch import SnapshotLaunch

        return SnapshotLaunch(
            segments=self.segments, snapshots=self.segment_snapshots, take=self.take_snapshot
        )

    @cached_property
    def segment_erasure(self) -> "SegmentErasure":
        """Finds a customer in segment snapshots. It loads polars."""
        from crm.segments.store.erasure import SegmentErasure

        return SegmentErasure(self.database)

    @cached_property
    def memberships(self) -> "MembershipCache":
        """Caches segment snapshots as bitmasks. It loads polars."""
        from crm.segments.membership_cache import MembershipCache

        return MembershipCache(self.segment_snapshots)

    def audited(
        self,
        person: SignedIn,
        action: Action,
        subject: str = "",
        detail: str = "",
        *,
        before: Mapping[str, Value] = _NOTHING,
        after: Mapping[str, Value] = _NOTHING,
    ) -> AbstractAsyncContextManager[None]:
        """Run a block as an audited action that changes fields from `before` to `after`.

        Raises Unavailable, without running it, if logging fails.
        """
        event = AuditEvent(
            event_id=uuid4().hex,
            at=now(),
            by=person.email,
            origin=person.origin,
            action=action,
            subject=subject,
            detail=detail,
            changes=field_changes(before, after),
        )
        return self.record_event(event)

    @property
    def example_link(self) -> str:
        """The unsubscribe link in previews and test messages. It unsubscribes nobody."""
        return example_link(self.settings.origins[0])

    async def field_names(self) -> list[str]:
        """The names of all fields that customers have, attributes included."""
        snapshot = await self.audience.snapshot()
        attributes = await asyncio.to_thread(lambda: snapshot.attributes)
        return [*CUSTOMER_FIELDS, *(ATTRIBUTES + name for name in attributes)]

    def vendor(self) -> HttpVendor:
        """The vendor, for tests. Raises Conflict where none is configured."""
        if not self.settings.vendor_url or not self.settings.vendor_key:
            raise Conflict("No vendor is configured here, so no test can be sent.")
        return self._vendor

    @cached_property
    def _vendor(self) -> HttpVendor:
        return HttpVendor(self.settings.vendor_url, self.settings.vendor_key, VENDOR_TIMEOUT)


async def _services(request: Request) -> AppServices:
    """Asynchronous: FastAPI runs others in threads, where concurrent first calls would make several."""
    services: AppServices = request.app.state.services()
    return services


Services = Annotated[AppServices, Depends(_services)]


def _origin(request: Request, services: Services) -> Origin:
    """Where the call comes from, as the audit log keeps it."""
    return origin_of(request, services.settings.trusted_hops)


CallOrigin = Annotated[Origin, Depends(_origin)]


def _caller(request: Request, services: Services) -> SignedIn:
    """Whom the gate let in. `crm.access.route_rules` says which role each route needs."""
    return caller_of(request, services.settings.trusted_hops)


Caller = Annotated[SignedIn, Depends(_caller)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str | None, Query(max_length=300)]
