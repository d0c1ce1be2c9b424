"""What the routes work with, and who may call them."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Query, Request

from crm.adapters.channels.vendor import HttpVendor
from crm.adapters.clock import now
from crm.adapters.firestore.audit_log import FirestoreAuditLog
from crm.adapters.firestore.campaigns import Campaigns
from crm.adapters.firestore.chunks import FrozenAudiences
from crm.adapters.firestore.client import client
from crm.adapters.firestore.communication_log import CommunicationLog
from crm.adapters.firestore.counters import Counters
from crm.adapters.firestore.customers import Customers
from crm.adapters.firestore.dead_letters import DeadLetters
from crm.adapters.firestore.frozen_lists import FrozenLists
from crm.adapters.firestore.holdings import Holdings
from crm.adapters.firestore.imports import ImportBook
from crm.adapters.firestore.keys import ApiKeys
from crm.adapters.firestore.members import Members
from crm.adapters.firestore.records import FirestoreBooks
from crm.adapters.firestore.reworks import Reworks
from crm.adapters.firestore.sample_loads import SampleLoads
from crm.adapters.firestore.segments import Segments
from crm.adapters.firestore.summaries import Summaries
from crm.adapters.firestore.timelines import Timelines
from crm.adapters.firestore.webhook_secrets import WebhookSecrets
from crm.adapters.identity import IdTokens
from crm.adapters.pubsub import Publisher
from crm.adapters.sessions import Sessions
from crm.adapters.unsubscribe_links import example_link
from crm.config import CampaignsSettings
from crm.domain.acts import Act, Action
from crm.domain.errors import Conflict, NotFound
from crm.domain.fields import ATTRIBUTES, CUSTOMER_FIELDS
from crm.domain.members import SignedIn
from crm.entry.auth import signed_in
from crm.entry.turns import Turns
from crm.usecases.record_act import recorded
from crm.usecases.rework import Reworking

if TYPE_CHECKING:
    from crm.adapters.firestore.audience import AudienceReader
    from crm.adapters.firestore.segment_points import SegmentPoints
    from crm.adapters.firestore.segment_traces import SegmentTraces
    from crm.usecases.standings import Standings

MAX_PAGE = 200

PATIENCE = timedelta(minutes=2)
"""How long a published chunk may wait before the tick publishes it again."""

EVALUATIONS = 2
"""Rules evaluated at the same time: each takes a processor."""

VENDOR_TIMEOUT = 15.0
"""Seconds that the vendor has for a test, while a person waits."""


class Services:
    """The adapters of one process. Making one connects to nothing."""

    def __init__(self, settings: CampaignsSettings) -> None:
        database = client(settings.project, settings.database)
        self.settings = settings
        self.database = database
        self.zone = ZoneInfo(settings.time_zone)
        self.id_tokens = IdTokens(settings.certs_url, settings.issuers)
        self.sessions = Sessions(settings.session_secrets)
        self.members = Members(database)
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
        self.holdings = Holdings(database)
        self.dead_letters = DeadLetters(database)
        self.evaluations = Turns(EVALUATIONS)
        self.imports = ImportBook(database)
        self.sample_loads = SampleLoads(database)
        self.webhook_secrets = WebhookSecrets(database)
        self.audit_log = FirestoreAuditLog(database)
        self.books = FirestoreBooks(database)
        self.broker = Publisher(settings.project, settings.topic_prefix)
        self.reworking = Reworking(
            campaigns=self.campaigns,
            messages=self.log,
            book=Reworks(database),
            broker=self.broker,
            patience=PATIENCE,
        )

    @cached_property
    def audience(self) -> "AudienceReader":
        """Reads the audience. It loads polars, which most calls do without."""
        from crm.adapters.firestore.audience import AudienceReader

        return AudienceReader(self.database)

    @cached_property
    def points(self) -> "SegmentPoints":
        """Points of segments. It loads polars."""
        from crm.adapters.firestore.segment_points import SegmentPoints

        return SegmentPoints(self.database)

    @cached_property
    def segment_traces(self) -> "SegmentTraces":
        """In which points of segments a customer is. It loads polars."""
        from crm.adapters.firestore.segment_traces import SegmentTraces

        return SegmentTraces(self.database)

    @cached_property
    def standings(self) -> "Standings":
        """Points of segments that were asked for last. It loads polars."""
        from crm.usecases.standings import Standings

        return Standings(self.points)

    def act(
        self, by: str, action: Action, subject: str = "", detail: str = ""
    ) -> AbstractAsyncContextManager[None]:
        """Around what somebody does: it is in the audit log before it is done. Raises Unavailable."""
        act = Act(act_id=uuid4().hex, at=now(), by=by, action=action, subject=subject, detail=detail)
        return recorded(self.audit_log, act)

    @property
    def example_link(self) -> str:
        """Where messages that nobody gets lead those who would unsubscribe."""
        return example_link(self.settings.origins[0])

    async def field_names(self) -> list[str]:
        """The names of all fields that customers have, attributes included."""
        snapshot = await self.audience.snapshot()
        return [*CUSTOMER_FIELDS, *(ATTRIBUTES + name for name in snapshot.attributes)]

    def vendor(self) -> HttpVendor:
        """The vendor, for tests. Raises Conflict where none is configured."""
        if not self.settings.vendor_url or not self.settings.vendor_key:
            raise Conflict("No vendor is configured here, so no test can be sent.")
        return self._vendor

    @cached_property
    def _vendor(self) -> HttpVendor:
        return HttpVendor(self.settings.vendor_url, self.settings.vendor_key, VENDOR_TIMEOUT)


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _name(name: Annotated[str, Path(alias="id", max_length=200)]) -> str:
    """An id of our own making; whatever cannot be one names nothing."""
    if not (name.isascii() and name.isalnum()):
        raise NotFound("There is nothing of that name.")
    return name


SIGNED_IN = Depends(signed_in("viewer"))
"""For every router but the session's: who is not signed in learns nothing, not even what exists."""

Here = Annotated[Services, Depends(_services)]
Viewer = Annotated[SignedIn, Depends(signed_in("viewer"))]
Marketer = Annotated[SignedIn, Depends(signed_in("marketer"))]
Admin = Annotated[SignedIn, Depends(signed_in("admin"))]
Name = Annotated[str, Depends(_name)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str | None, Query(max_length=300)]
