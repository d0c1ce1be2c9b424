"""Uploads rows to the ingest API: several batches in flight, each retried while the API is busy."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from crm.cli.stack import Stack

ATTEMPTS = 6
"""Attempts to send a batch before the import gives up."""

MAX_WAIT = 30.0
"""Maximum seconds between attempts, even if `Retry-After` asks for more."""

LIMITED = 429
"""The status of calls beyond the rate limit, which are waited out and are no failed attempts."""

MAX_LIMITED = 600.0
"""Seconds for which one batch waits for the rate limit before the import gives up."""

BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Numbered:
    """A record, and the row of the table that it came from."""

    row: int
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was rejected; `path` is the field, or empty if the whole row is at fault."""

    row: int
    path: str
    reason: str


@dataclass(slots=True)
class Report:
    """Counts of rows so far. `stopped` is the reason if the import ended early."""

    accepted: int = 0
    rejected: int = 0
    unsent: int = 0
    stopped: str | None = None
    sink: Callable[[Fault], None] = field(default=lambda fault: None)

    def refuse(self, row: int, faults: Sequence[Fault]) -> None:
        """Count a rejected row and pass each reason to `sink`."""
        self.rejected += 1
        for fault in faults or [Fault(row, "", "was refused")]:
            self.sink(fault)


class Stopped(Exception):
    """The API cannot take more rows; `str(error)` says why."""


async def upload(
    batches: Iterator[Sequence[Numbered]],
    ingest: "Ingest",
    report: Report,
    in_flight: int,
    advance: Callable[[], None],
) -> None:
    """Send every batch, `in_flight` at a time; `advance` is called after each.

    After a batch that cannot be sent, no other is started; those in flight are awaited.
    """

    async def worker() -> None:
        for batch in batches:
            try:
                await ingest.send(batch, report)
            except Stopped as reason:
                report.unsent += len(batch)
                report.stopped = report.stopped or str(reason)
            advance()
            if report.unsent:
                return

    await asyncio.gather(*(worker() for _ in range(in_flight)))


class Ingest:
    """The batch endpoint of one kind of record."""

    def __init__(
        self,
        stack: Stack,
        entity: str,
        http: httpx2.AsyncClient,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = f"{stack.url}/api/v1/ingest/{entity}/batch"
        self._headers = {"Authorization": f"Bearer {stack.api_key}", "Content-Type": "application/json"}
        self._http = http
        self._sleep = sleep

    async def send(self, batch: Sequence[Numbered], report: Report) -> None:
        """Send the batch until the API has answered for each row. Raises Stopped if it does not.

        A row may be sent twice if an answer was lost; the API is idempotent.
        """
        body = json.dumps({"records": [numbered.record for numbered in batch]}).encode()
        answer = await self._answer(body)
        if answer.status_code == 413 and len(batch) > 1:
            half = len(batch) // 2
            await self.send(batch[:half], report)
            await self.send(batch[half:], report)
        elif answer.status_code == 413:
            report.refuse(batch[0].row, [Fault(batch[0].row, "", _detail(answer))])
        elif answer.status_code == 202:
            _note(batch, answer, report)
        elif answer.status_code in (401, 403):
            raise Stopped(f"The API key is not accepted: {_detail(answer)}")
        else:
            raise Stopped(f"The ingest API answered {answer.status_code}: {_detail(answer)}")

    async def _answer(self, body: bytes) -> httpx2.Response:
        trouble, attempt, waited = "", 0, 0.0
        while attempt < ATTEMPTS and waited < MAX_LIMITED:
            pause = min(0.5 * 2**attempt, MAX_WAIT)
            try:
                answer = await self._http.post(self._url, content=body, headers=self._headers)
            except httpx2.TransportError as error:
                trouble = f"{self._url} does not answer ({type(error).__name__})."
            else:
                if answer.status_code not in BUSY:
                    return answer
                trouble = f"The ingest API is busy ({answer.status_code}): {_detail(answer)}"
                pause = min(_retry_after(answer, pause), MAX_WAIT)
                if answer.status_code == LIMITED:
                    pause = max(pause, 1.0)
                    waited += pause
                    await self._sleep(pause)
                    continue
            attempt += 1
            if attempt < ATTEMPTS:
                await self._sleep(pause)
        if waited >= MAX_LIMITED:
            raise Stopped(f"{trouble} Gave up after {waited:,.0f} s.")
        raise Stopped(f"{trouble} Gave up after {ATTEMPTS} attempts.")


def _note(batch: Sequence[Numbered], answer: httpx2.Response, report: Report) -> None:
    try:
        body = answer.json()
        refused = [(batch[item["index"]].row, item) for item in body["rejected"]]
        faults = [(row, _faults(row, item)) for row, item in refused]
        accepted = int(body["accepted"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Stopped("The ingest API's answer is not of the agreed form. Is this URL a CRM?") from error
    report.accepted += accepted
    for row, reasons in faults:
        report.refuse(row, reasons)


def _faults(row: int, item: Mapping[str, Any]) -> list[Fault]:
    """The errors of a rejected record, and how many there are beyond those."""
    shown = [Fault(row, _field_path(e["path"], item["index"]), e["message"]) for e in item["errors"]]
    return [*shown, Fault(row, "", item["detail"])] if item.get("detail") else shown


def _field_path(path: str, index: int) -> str:
    """`records.3.amount` → `amount`: the row says which record it was."""
    return path.removeprefix(f"records.{index}").lstrip(".")


def _retry_after(answer: httpx2.Response, otherwise: float) -> float:
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isdigit() else otherwise


def _detail(answer: httpx2.Response) -> str:
    """The `detail` of the problem document, or the beginning of any other answer."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or "no reason given."
