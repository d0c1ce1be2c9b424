"""Unschedule: a campaign that waits for its time becomes a draft again."""

from datetime import timedelta

import pytest

from crm.campaigns.usecases.unschedule import Unschedule
from crm.kernel.errors import Conflict
from tests.delivery.campaign_stores import NOW, World

pytestmark = pytest.mark.emulator


async def test_an_unscheduled_campaign_is_a_draft_of_a_new_version_without_a_time(world: World) -> None:
    scheduled = await world.drafts(status="scheduled", schedule_at=NOW + timedelta(hours=1))
    draft = await Unschedule(campaigns=world.campaigns)("c1")
    assert (draft.status, draft.schedule_at, draft.version) == ("draft", None, scheduled.version + 1)
    assert await world.campaign() == draft


async def test_a_draft_cannot_be_unscheduled(world: World) -> None:
    await world.drafts()
    with pytest.raises(Conflict, match="The campaign is draft"):
        await Unschedule(campaigns=world.campaigns)("c1")
