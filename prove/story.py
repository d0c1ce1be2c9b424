"""What systems and a marketer do on a stack: post records, launch campaigns, read figures."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from prove.callers import Marketer, Systems
from prove.history import people

QUIET: Final = 3.0
"""Seconds without a push after which no retry is expected: the broker retries each second."""

MARKETER: Final = "marketer@example.com"
"""Who launches campaigns."""


@dataclass(slots=True, kw_only=True)
class Campaign:
    """A launched campaign and its group of customers. `launched` is how many launch calls got a 202."""

    campaign_id: str
    name: str
    group: str
    launched: int = 0


@dataclass(slots=True, kw_only=True)
class Story:
    """Systems and a marketer at work, and what they have found so far."""

    systems: Systems
    marketer: Marketer
    draw: random.Random
    campaigns: list[Campaign] = field(default_factory=list)
    withdrew: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    readings: int = 0
    began: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """Print progress."""
        print(f"{time.monotonic() - self.began:4.0f} s  {what}", flush=True)

    def customers(self, group: str) -> list[str]:
        """The ids of all customers posted with this tag."""
        return sorted(name for name in self.systems.truth.customers if name.startswith(f"{group}-"))

    async def populate(self, group: str, count: int) -> None:
        """Post customers with the tag `group`."""
        await self.systems.post("customers", list(people(self.draw, group, count)))

    async def known(self, group: str) -> None:
        """Return once the audience holds every customer of the group."""
        wanted = len(self.customers(group))
        while True:
            found = await self.marketer.ask("POST", "/audience/preview", {"rules": rules(group)})
            if found["reachable"] == wanted:
                self.say(f"all {wanted:,} customers of group {group} are in the audience")
                return
            await asyncio.sleep(0.5)

    async def launch(self, group: str, rate: int | None = None) -> Campaign:
        """Launch a campaign to a group by ten concurrent calls. The message's text is the campaign's name."""
        name = f"Campaign {len(self.campaigns) + 1}"
        draft: dict[str, Any] = {"name": name, "rules": rules(group), "message": {"body": name}}
        if rate is not None:
            draft["rate"] = rate
        made = await self.marketer.ask("POST", "/campaigns", draft)
        campaign = Campaign(campaign_id=made["id"], name=name, group=group)
        self.campaigns.append(campaign)
        self.say(f"{name} begins")
        campaign.launched = await self.marketer.launch(campaign.campaign_id)
        if campaign.launched > 1:
            self.broken.append(f"{name} was launched {campaign.launched} times")
        return campaign

    async def withdraw(self, customer_ids: list[str]) -> None:
        """Withdraw the consent of these customers."""
        self.withdrew.update(customer_ids)
        at = "2026-01-01T00:00:00Z"
        records = [{"customer_id": name, "consent": False, "updated_at": at} for name in customer_ids]
        await self.systems.repeat("customers", records)

    async def read_on(self) -> None:
        """Read the figures of every campaign repeatedly; they have to add up at every reading."""
        while True:
            for campaign in list(self.campaigns):
                found = await self.marketer.campaign(campaign.campaign_id)
                self.readings += 1
                wrong = adds_up(found["stats"])
                if wrong:
                    self.broken.append(f"{campaign.name}: {wrong}")
            await asyncio.sleep(0.3)

    async def pause(self, campaign: Campaign) -> dict[str, Any]:
        """Pause a campaign; what it is once the vendor has reported on every message that it took."""
        await self.marketer.ask("POST", f"/campaigns/{campaign.campaign_id}/pause")
        while (found := await self.marketer.campaign(campaign.campaign_id))["stats"]["accepted"]:
            await asyncio.sleep(0.3)
        return found

    async def ended(self, campaign: Campaign) -> dict[str, Any]:
        """The campaign once it is over."""
        found = await self.marketer.until(campaign.campaign_id, "finished", "needs_attention")
        self.say(f"{campaign.name} is {found['status']}")
        return found


def adds_up(stats: Mapping[str, int]) -> str:
    """What is wrong with the figures; empty if they add up."""
    parts = [stats[name] for name in ("pending", "accepted", "delivered", "failed", "skipped", "unknown")]
    if stats["audience"] != sum(parts) or stats["sent"] != stats["accepted"] + stats["delivered"]:
        return f"the figures do not add up: {dict(stats)}"
    return f"a figure is below zero: {dict(stats)}" if min(parts) < 0 else ""


def rules(group: str) -> dict[str, Any]:
    return {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": group}]}
