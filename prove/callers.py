"""The systems that post data, and the marketer. Both retry until they get an answer."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from prove.history import Record, Truth

_PATIENCE = 0.3
_LIMITS = httpx2.Limits(max_connections=20, max_keepalive_connections=0)
_ROOT = "/api/v1"


class Refused(RuntimeError):
    """An error answer that a retry cannot mend, where none is expected."""


class Systems:
    """Post records over HTTP, every batch until it is accepted; `truth` is what has to be stored in the
    end."""

    def __init__(self, url: str, api_key: str, draw: random.Random) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx2.AsyncClient(
            base_url=f"{url}{_ROOT}/ingest", headers=headers, timeout=15, limits=_LIMITS, trust_env=False
        )
        self._draw = draw
        self.truth = Truth()
        self.counts: Counter[str] = Counter()

    async def post(self, kind: str, records: Sequence[Record], concurrency: int = 4) -> None:
        """Send the records shuffled, a fifth of them twice, in batches of all sizes. Raises Refused."""
        for record in records:
            self.truth.learn(kind, record)
        await self.repeat(kind, records, concurrency)

    async def repeat(self, kind: str, records: Sequence[Record], concurrency: int = 4) -> None:
        """Send partial records, or records sent before, in the same way. They do not change `truth`."""
        sent = [*records, *self._draw.sample(records, len(records) // 5)]
        self._draw.shuffle(sent)
        gate = asyncio.Semaphore(concurrency)

        async def one(batch: Sequence[Record]) -> None:
            async with gate:
                await self._until_accepted(kind, batch)

        await asyncio.gather(*map(one, self._batches(sent)))

    def _batches(self, records: Sequence[Record]) -> list[Sequence[Record]]:
        batches, start = [], 0
        while start < len(records):
            size = self._draw.choice((1, 50, 200, 300))
            batches.append(records[start : start + size])
            start += size
        return batches

    async def _until_accepted(self, kind: str, batch: Sequence[Record]) -> None:
        while True:
            try:
                answer = await self._http.post(f"/{kind}/batch", json={"records": batch})
            except httpx2.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 202:
                if answer.json()["rejected"]:
                    raise Refused(f"ingest rejected good records: {answer.text[:500]}")
                self.counts["records accepted"] += len(batch)
                return
            if answer is not None and answer.status_code < 500:
                raise Refused(f"ingest answered {answer.status_code}: {answer.text[:500]}")
            self.counts["calls met a dead function, and were repeated"] += 1
            await asyncio.sleep(_PATIENCE)


class Marketer:
    """Uses the web app's API."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    @classmethod
    @asynccontextmanager
    async def signed_in(cls, url: str, email: str) -> AsyncIterator["Marketer"]:
        """A session of this member."""
        headers = {"X-Requested-With": "crm"}
        async with httpx2.AsyncClient(
            base_url=f"{url}{_ROOT}", headers=headers, timeout=30, limits=_LIMITS, trust_env=False
        ) as http:
            marketer = cls(http)
            await marketer._sign_in(f"{url}/identity/token", email)
            yield marketer

    async def _sign_in(self, issuer: str, email: str) -> None:
        """Each identity token works once, so a sign-in without an answer begins anew. Raises Refused."""
        while True:
            account = {"email": email, "nonce": (await self.ask("POST", "/session/nonce"))["nonce"]}
            credential = (await self._http.post(issuer, json=account)).json()["credential"]
            answer = await self.once("POST", "/session", {"credential": credential})
            if answer is not None and answer.is_success:
                return
            if answer is not None and answer.status_code < 500:
                raise Refused(f"the sign-in was answered {answer.status_code}: {answer.text[:500]}")
            await asyncio.sleep(_PATIENCE)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON. Raises Refused for a 4xx."""
        while True:
            answer = await self.once(method, path, body)
            if answer is not None and answer.is_success:
                return answer.json()
            if answer is not None and answer.status_code < 500:
                raise Refused(f"{method} {path} was answered {answer.status_code}: {answer.text[:500]}")
            await asyncio.sleep(_PATIENCE)

    async def once(self, method: str, path: str, body: Any = None) -> httpx2.Response | None:
        """The answer to one call; None if there was none."""
        try:
            return await self._http.request(method, path, json=body)
        except httpx2.HTTPError:
            return None

    async def launch(self, campaign_id: str, times: int = 10) -> int:
        """Send `times` concurrent launch calls, repeated until the campaign is launched; how many got a
        202."""
        launched = 0
        while True:
            calls = (self.once("POST", f"/campaigns/{campaign_id}/launch") for _ in range(times))
            answers = await asyncio.gather(*calls)
            launched += sum(answer is not None and answer.status_code == 202 for answer in answers)
            if (await self.campaign(campaign_id))["status"] not in ("draft", "scheduled"):
                return launched
            await asyncio.sleep(_PATIENCE)

    async def campaign(self, campaign_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.ask("GET", f"/campaigns/{campaign_id}")
        return found

    async def until(self, campaign_id: str, *statuses: str) -> dict[str, Any]:
        """The campaign once it has one of these statuses."""
        while (found := await self.campaign(campaign_id))["status"] not in statuses:
            await asyncio.sleep(0.5)
        return found
