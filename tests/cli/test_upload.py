"""Batches into an ingest API that is busy, slow, wrong or gone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from crm.cli.stack import Stack
from crm.cli.upload import ATTEMPTS, MAX_WAIT, Fault, Ingest, Numbered, Report, Stopped, upload

Answers = Callable[[httpx2.Request], httpx2.Response]
STACK = Stack(url="http://crm.test", api_key="k")
ROWS = [Numbered(number, {"customer_id": f"C{number}"}) for number in range(2, 6)]


class Waits:
    """Instead of sleeping, remembers for how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def _accept(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(
        202, json={"accepted": len(json.loads(request.content)["records"]), "rejected": []}
    )


def _in_turn(*answers: httpx2.Response | Exception | None) -> Answers:
    """Gives each answer once, None meaning accepted; then accepts everything."""
    waiting: Iterator[httpx2.Response | Exception | None] = iter(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        given = next(waiting, None)
        if isinstance(given, Exception):
            raise given
        return given or _accept(request)

    return answer


def _problem(status: int, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, json={"detail": "Not now."}, headers=headers)


async def _send(answers: Answers, waits: Waits | None = None) -> tuple[Report, list[Fault]]:
    faults: list[Fault] = []
    report = Report(sink=faults.append)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answers)) as http:
        await Ingest(STACK, "customers", http, waits or Waits()).send(ROWS, report)
    return report, faults


async def test_the_request() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return _accept(request)

    report, _ = await _send(answer)
    assert str(seen[0].url) == "http://crm.test/api/v1/ingest/customers/batch"
    assert seen[0].headers["authorization"] == "Bearer k"
    assert json.loads(seen[0].content)["records"][0] == {"customer_id": "C2"}
    assert report.accepted == 4


async def test_rejected_rows_are_reported_by_their_number() -> None:
    rejected: list[dict[str, Any]] = [
        {"index": 1, "errors": [{"path": "records.1.email", "message": "is not an e-mail address"}]},
        {"index": 3, "errors": [{"path": "name", "message": "a"}, {"path": "records.3", "message": "b"}]},
    ]
    rejected[1]["detail"] = "7 more errors are not shown."
    rejected[0]["detail"] = None
    report, faults = await _send(lambda _: httpx2.Response(202, json={"accepted": 2, "rejected": rejected}))
    assert (report.accepted, report.rejected) == (2, 2)
    assert faults == [
        Fault(3, "email", "is not an e-mail address"),
        Fault(5, "name", "a"),
        Fault(5, "", "b"),
        Fault(5, "", "7 more errors are not shown."),
    ]


async def test_retry_after_is_respected_up_to_a_limit() -> None:
    waits = Waits()
    busy = (_problem(503, **{"Retry-After": "7"}), _problem(429, **{"Retry-After": "3600"}), _problem(503))
    report, _ = await _send(_in_turn(*busy), waits)
    assert report.accepted == 4
    assert waits.seconds == [7, MAX_WAIT, 1]


async def test_a_rate_limit_is_waited_out_however_often_it_answers() -> None:
    waits = Waits()
    limited = _problem(429, **{"Retry-After": "2"})
    report, _ = await _send(_in_turn(*[limited] * (3 * ATTEMPTS)), waits)
    assert report.accepted == 4
    assert waits.seconds == [2] * (3 * ATTEMPTS)


async def test_a_rate_limit_that_never_ends_ends_the_import() -> None:
    waits = Waits()
    with pytest.raises(Stopped, match=r"busy \(429\): Not now\. Gave up after 600 s"):
        await _send(_in_turn(*[_problem(429, **{"Retry-After": "30"})] * 20), waits)
    assert len(waits.seconds) == 20


async def test_a_lost_connection_is_tried_again() -> None:
    report, _ = await _send(_in_turn(httpx2.ConnectError("no"), httpx2.ReadTimeout("slow")))
    assert report.accepted == 4


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (_problem(503), f"busy \\(503\\): Not now. Gave up after {ATTEMPTS} attempts"),
        (httpx2.ConnectError("no"), "does not answer \\(ConnectError\\)"),
    ],
)
async def test_it_gives_up_in_the_end(answer: httpx2.Response | Exception, sentence: str) -> None:
    waits = Waits()
    with pytest.raises(Stopped, match=sentence):
        await _send(_in_turn(*[answer] * ATTEMPTS), waits)
    assert len(waits.seconds) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (_problem(401), "The API key is not accepted: Not now."),
        (_problem(422), "answered 422: Not now."),
        (httpx2.Response(500, text="<html>"), "answered 500: <html>"),
        (httpx2.Response(200, text="a web page"), "answered 200"),
        (httpx2.Response(202, text="a web page"), "not of the agreed form"),
        (httpx2.Response(202, json={"accepted": 1, "rejected": [{"index": 9, "errors": []}]}), "agreed form"),
        (httpx2.Response(202, json={"accepted": 1}), "agreed form"),
    ],
)
async def test_a_permanent_error_stops_immediately(answer: httpx2.Response, sentence: str) -> None:
    waits = Waits()
    with pytest.raises(Stopped, match=sentence):
        await _send(_in_turn(answer), waits)
    assert waits.seconds == []


async def test_a_batch_too_large_goes_in_halves() -> None:
    def at_most_one(request: httpx2.Request) -> httpx2.Response:
        records = json.loads(request.content)["records"]
        if len(records) > 1 or records[0]["customer_id"] == "C4":
            return _problem(413)
        return _accept(request)

    report, faults = await _send(at_most_one)
    assert report.accepted == 3
    assert faults == [Fault(4, "", "Not now.")]


async def test_several_batches_are_in_flight_and_a_failure_begins_no_more() -> None:
    begun: list[int] = []
    advanced: list[None] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        first = int(json.loads(request.content)["records"][0]["customer_id"][1:])
        begun.append(first)
        return _problem(401) if first == 2 else _accept(request)

    report = Report()
    batches = iter([[Numbered(n, {"customer_id": f"C{n}"})] for n in range(10)])
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        await upload(batches, Ingest(STACK, "customers", http), report, 2, lambda: advanced.append(None))
    assert report.unsent == 1
    assert report.stopped is not None
    assert len(begun) < 10
    assert report.accepted == len(begun) - 1
    assert len(advanced) == len(begun)
