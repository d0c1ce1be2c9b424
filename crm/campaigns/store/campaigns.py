"""The documents of `campaigns/{id}`, changed only by compare-and-set."""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition
from google.api_core.exceptions import NotFound as DocumentNotFound
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.access.audit_events import AuditEvent
from crm.access.store import audit_log
from crm.campaigns.campaign import Campaign, CampaignStatus, Message
from crm.campaigns.frozen_list import FrozenList
from crm.campaigns.lifecycle import Action, Actor, needs_tick, next_status, require
from crm.campaigns.store import frozen_lists
from crm.kernel.errors import Conflict, NotFound, Unavailable
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import cursors, documents
from crm.platform.firestore.commits import Commit

logger = logging.getLogger(__name__)

COLLECTION = "campaigns"

_ATTEMPTS = 5
_PLAIN = tuple(
    field.name for field in fields(Campaign) if field.name not in {"campaign_id", "message", "rules"}
)


def encode(campaign: Campaign) -> dict[str, Any]:
    """The document of a campaign. The tick queries for `needs_tick`."""
    return {
        **{name: getattr(campaign, name) for name in _PLAIN},
        "message": {"body": campaign.message.body, "subject": campaign.message.subject},
        # As text, because Firestore would index every node of the tree, and refuses nested lists.
        "rules": json.dumps(campaign.rules, separators=(",", ":")),
        "needs_tick": needs_tick(campaign),
    }


def decode(campaign_id: str, document: Mapping[str, Any]) -> Campaign:
    """The campaign of a document."""
    return Campaign(
        campaign_id=campaign_id,
        message=of_fields(Message, document["message"]),
        rules=json.loads(document["rules"]),
        **{name: document[name] for name in _PLAIN if name in document},
    )


class Campaigns:
    """Reads and changes campaigns. Every change requires the etag that was read."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""
        return decode(campaign_id, (await self._stored(campaign_id)).fields)

    async def list(self, limit: int, cursor: str | None = None) -> tuple[Sequence[Campaign], str | None]:
        """Up to `limit` campaigns, newest first, and the next page's cursor. Raises Invalid at "cursor"."""
        query = cursors.page_of(self._client.collection(COLLECTION), limit + 1, cursor)
        found = list((await documents.query(self._client, query)).documents.items())
        page = _readable(dict(found[:limit]))
        if len(found) <= limit:
            return page, None
        name, last = found[limit - 1]
        return page, cursors.cursor_after(last.fields["created_at"], name)

    async def needs_tick(self) -> Sequence[Campaign]:
        """Every campaign that the tick may have to act on: scheduled, on its way, or awaiting receipts."""
        return await self._query(
            self._client.collection(COLLECTION).where(filter=FieldFilter("needs_tick", "==", True))
        )

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Campaign]:
        """Up to `limit` campaigns whose rows are due for a final recount."""
        due = self._client.collection(COLLECTION).where(filter=FieldFilter("sweep_at", "<=", now))
        return await self._query(due.order_by("sweep_at").limit(limit))

    async def create(self, campaign: Campaign) -> None:
        """Store a new campaign. Raises Conflict if one with its id exists."""
        commit = Commit(self._client)
        commit.create(_path(campaign.campaign_id), encode(campaign))
        try:
            await commit.send()
        except AlreadyExists as error:
            raise Conflict("There is already a campaign with this id.") from error

    async def transition(
        self,
        campaign_id: str,
        action: Action,
        by: Actor,
        *,
        to: CampaignStatus | None = None,
        source: CampaignStatus | None = None,
        expected: Campaign | None = None,
        frozen: FrozenList | None = None,
        event: AuditEvent | None = None,
        **changes: Any,
    ) -> Campaign:
        """Apply an action of the lifecycle and change the named fields, in one commit. See `CampaignStore`.

        Raises Conflict if the lifecycle does not allow the action, the campaign is no longer as `expected`,
        or the list was dropped; NotFound; Unavailable after too many conflicts.
        """
        for _ in range(_ATTEMPTS):
            stored = await self._stored(campaign_id)
            campaign = decode(campaign_id, stored.fields)
            status = next_status(campaign, action, by, to)
            if source is not None and campaign.status != source:
                raise Conflict(f"The campaign is {campaign.status.replace('_', ' ')} meanwhile.")
            if expected is not None and campaign != expected:
                raise Conflict("The campaign has changed meanwhile.")
            if frozen is not None:
                changes["frozen_list"] = frozen.name
            changed = replace(campaign, status=status, **changes)
            commit = Commit(self._client)
            commit.update(_path(campaign_id), _over(stored.fields, encode(changed)), stored.etag)
            if frozen is not None:
                frozen_lists.claim(commit, frozen)
            if event is not None:
                audit_log.add_to(commit, event)
            try:
                await commit.send()
            except (FailedPrecondition, DocumentNotFound, AlreadyExists):
                continue
            if status != campaign.status:
                ids = {"campaign_id": campaign_id}
                logger.info("campaign is %s", status.replace("_", " "), extra={"ids": ids})
            return changed
        if frozen is not None:
            raise Conflict("The launch took too long.")
        raise Unavailable("Too many concurrent changes to this campaign.")

    async def update_draft(self, campaign_id: str, version: int | None = None, **changes: Any) -> Campaign:
        """Change fields of a campaign that is not launched yet; with `schedule_at` it becomes scheduled.

        `version` is the one that the caller read; None changes any. Raises Conflict if another version is
        stored or the campaign is launched, NotFound if it does not exist.
        """
        for _ in range(_ATTEMPTS):
            campaign = await self.get(campaign_id)
            require(campaign, "change", "marketer")
            _require_version(campaign, version)
            schedule_at = changes.get("schedule_at", campaign.schedule_at)
            status: CampaignStatus = "draft" if schedule_at is None else "scheduled"
            wanted = {"note": None, **changes, "version": campaign.version + 1}
            with suppress(Conflict):  # changed or launched meanwhile: the next attempt finds out which
                return await self.transition(
                    campaign_id, "change", "marketer", to=status, expected=campaign, **wanted
                )
        raise Unavailable("Too many concurrent changes to this campaign.")

    async def delete_draft(self, campaign_id: str, version: int | None = None) -> None:
        """Delete a draft, if it exists. A draft has no subcollections.

        `version` is the one that the caller read; None deletes any. Raises Conflict if another version is
        stored, or the campaign is not a draft.
        """
        for _ in range(_ATTEMPTS):
            try:
                stored = await self._stored(campaign_id)
            except NotFound:
                return
            campaign = decode(campaign_id, stored.fields)
            require(campaign, "delete", "marketer")
            _require_version(campaign, version)
            commit = Commit(self._client)
            # In a race with a launch, either this commit fails or the launch finds no document.
            commit.delete(_path(campaign_id), stored.etag)
            with suppress(FailedPrecondition, DocumentNotFound):
                await commit.send()
                return
        raise Unavailable("Too many concurrent changes to this campaign.")

    async def _stored(self, campaign_id: str) -> documents.Stored:
        """The campaign's document. Raises NotFound."""
        stored = await documents.get(self._client, _path(campaign_id))
        if stored is None:
            raise NotFound("There is no such campaign.")
        return stored

    async def _query(self, query: AsyncQuery) -> Sequence[Campaign]:
        return _readable((await documents.query(self._client, query)).documents)


def _readable(found: Mapping[str, documents.Stored]) -> Sequence[Campaign]:
    """Those that can be read: one that cannot holds up no other."""
    campaigns = []
    for name, stored in found.items():
        try:
            campaigns.append(decode(name, stored.fields))
        except (AttributeError, KeyError, TypeError, ValueError):
            logger.exception("a campaign cannot be read", extra={"ids": {"campaign_id": name}})
    return campaigns


def _over(stored: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """What is written in place of the stored fields, with what only a newer version knows of the message."""
    return {**written, "message": {**stored["message"], **written["message"]}}


def _require_version(campaign: Campaign, version: int | None) -> None:
    if version is not None and version != campaign.version:
        at = f"it is at version {campaign.version}, not {version}"
        raise Conflict(f"Somebody else changed this campaign: {at}.")


def _path(campaign_id: str) -> str:
    """The path of a campaign's document. Raises NotFound for invalid ids."""
    if not campaign_id or "/" in campaign_id:
        raise NotFound("There is no such campaign.")
    return f"{COLLECTION}/{campaign_id}"
