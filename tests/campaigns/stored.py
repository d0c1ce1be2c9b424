"""Campaigns in states that would take long to reach."""

from dataclasses import replace
from typing import Any

from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import Campaign
from crm.campaigns.store.campaigns import COLLECTION, Campaigns, encode


async def stored_as(database: AsyncClient, campaign_id: str, **fields: Any) -> Campaign:
    """Overwrite fields of a stored campaign, whatever its lifecycle says."""
    changed = replace(await Campaigns(database).get(campaign_id), **fields)
    await database.collection(COLLECTION).document(campaign_id).set(encode(changed))
    return changed
