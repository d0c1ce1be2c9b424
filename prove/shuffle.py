"""Receipts between vendor and webhook: shuffled, put into other batches, and repeated up to 46 times."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from crm.kernel.errors import Unavailable
from crm.platform.clock import now
from crm.platform.webhooks import WebhookSender
from prove.trouble import in_background

MOST = 46
"""Deliveries of one receipt."""

_EVERY = 0.1
_LARGEST = 300
_LATEST = 6.0
"""Seconds within which all copies of a receipt are delivered."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A receipt to deliver; the first of its copies has `original`, which gets whether it was delivered."""

    receipt: dict[str, Any]
    original: asyncio.Future[bool] | None = None


class Shuffle:
    """Delivers to the webhook at `url`. `often` is the share of receipts that are delivered 46 times;
    `copies` is how many deliveries are still due."""

    def __init__(self, url: str, secret: str, seed: int, often: float) -> None:
        self._sender = WebhookSender(url, secret)
        self._draw = random.Random(f"receipts {seed}")
        self._often = often
        self._pool: list[Copy] = []
        self.copies = 0
        self.counts: Counter[str] = Counter()
        self.deliveries: Counter[int] = Counter()

    async def take(self, body: bytes) -> bool:
        """Whether each receipt of the call was delivered once. Its copies come before or after."""
        content = json.loads(body)
        receipts = content.get("receipts", [content])
        loop = asyncio.get_running_loop()
        originals = []
        for receipt in receipts:
            original: asyncio.Future[bool] = loop.create_future()
            originals.append(original)
            self._pool.append(Copy(receipt, original))
            times = MOST if self._draw.random() < self._often else self._draw.choice((1, 1, 1, 2, 2, 3))
            self.deliveries[times] += 1
            self.copies += times - 1
            for _ in range(times - 1):
                loop.call_later(self._draw.uniform(0, _LATEST), self._pool.append, Copy(receipt))
        self.counts["receipts"] += len(receipts)
        return all(await asyncio.gather(*originals))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Deliver inside the block."""
        async with in_background(self._mix()):
            yield

    async def _mix(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            copies, self._pool[:] = list(self._pool), []
            self._draw.shuffle(copies)
            batches = []
            while copies:
                size = self._draw.randint(1, _LARGEST)
                batches.append(copies[:size])
                copies = copies[size:]
            await asyncio.gather(*map(self._deliver, batches))

    async def _deliver(self, batch: list[Copy]) -> None:
        body = json.dumps({"receipts": [copy.receipt for copy in batch]})
        try:
            await self._sender.post(body, now())
            is_taken = True
            self.counts["delivered"] += len(batch)
        except Unavailable:
            is_taken = False
            self.counts["calls refused"] += 1
        for copy in batch:
            self.copies -= copy.original is None
            if copy.original is not None and not copy.original.done():
                copy.original.set_result(is_taken)
