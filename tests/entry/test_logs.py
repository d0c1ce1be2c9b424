"""Lines of the log: JSON that Cloud Logging knows, with the trace and the campaign that they belong to."""

import json
import logging

import httpx2
import pytest
from pydantic import BaseModel

from crm.entry import logs
from crm.entry.app import create_app, serve
from tests.support import open_gate

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
SOMEBODY = "ann@example.com"
logger = logging.getLogger("test")
app = create_app("test")
open_gate(app)


@app.get("/api/v1/campaigns/{name}/log")
async def log(name: str) -> None:
    logger.info("looked", extra={"ids": {"chunk_id": "0001"}})


@app.get("/fail")
async def fail() -> None:
    raise RuntimeError("a bug")


class Address(BaseModel):
    email: int


@app.get("/refuse")
async def refuse() -> None:
    try:
        Address.model_validate({"email": SOMEBODY})
    except ValueError as error:
        raise RuntimeError("a bug") from error


class Person(BaseModel):
    name: str


@app.get("/answer")
async def answer() -> Person:
    return {"name": [SOMEBODY]}  # type: ignore[return-value]  # what a bug would answer


@app.get("/group")
async def group() -> None:
    refused: list[Exception] = []
    for value in (SOMEBODY, f"{SOMEBODY}, another"):
        try:
            Address.model_validate({"email": value})
        except ValueError as error:
            refused.append(error)
    raise ExceptionGroup("two bugs", [ExceptionGroup("one bug", refused[:1]), refused[1]])


@app.get("/while-handling")
async def while_handling() -> None:
    try:
        Address.model_validate({"email": SOMEBODY})
    except ValueError as error:
        try:
            raise KeyError("cause")
        except KeyError as cause:
            raise RuntimeError(f"a bug: {error}") from cause


async def lines(capsys: pytest.CaptureFixture[str], path: str, **headers: str) -> list[dict[str, str]]:
    """What a call logs. Pytest has handlers of its own, which come back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:]
    logs.configure()
    guarded = await serve(app, "my-project")(None)  # type: ignore[arg-type]  # the request is not looked at
    transport = httpx2.ASGITransport(app=guarded)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
        await http.get(path)
    root.handlers[:] = before
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_line_names_campaign_chunk_and_trace(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = await lines(capsys, "/api/v1/campaigns/abc123/log", traceparent=PARENT)

    assert (line["severity"], line["message"]) == ("INFO", "looked")
    assert (line["campaign_id"], line["chunk_id"]) == ("abc123", "0001")
    assert line["logging.googleapis.com/trace"] == f"projects/my-project/traces/{TRACE}"


async def test_an_unexpected_error_is_found_by_its_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = await lines(capsys, "/fail", **{"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"})

    assert line["message"] == "unhandled error on GET /fail"
    assert "RuntimeError: a bug" in line["traceback"]
    assert line["logging.googleapis.com/trace"].endswith(TRACE)


async def test_a_traceback_quotes_no_value_that_was_refused(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = await lines(capsys, "/refuse")

    assert "RuntimeError: a bug" in line["traceback"]
    assert "email: int_parsing" in line["traceback"]
    assert SOMEBODY not in line["traceback"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/answer", "response.name: string_type"),
        ("/group", "email: int_parsing"),
        ("/while-handling", "RuntimeError: a bug: email: int_parsing"),
    ],
)
async def test_no_error_of_validation_is_logged_with_its_values(
    path: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = await lines(capsys, path)

    assert said in line["traceback"]
    assert SOMEBODY not in json.dumps(line)


def test_a_message_quotes_no_value_of_the_error_in_it() -> None:
    with pytest.raises(ValueError) as caught:
        Address.model_validate({"email": SOMEBODY})
    record = logging.LogRecord("test", logging.WARNING, __file__, 1, "left out: %s", (caught.value,), None)

    assert json.loads(logs.JsonLines().format(record))["message"] == "left out: email: int_parsing"


def test_a_traceback_says_what_led_to_an_error_and_what_is_in_a_group() -> None:
    group = ExceptionGroup("both", [ValueError("left"), ValueError("right")])
    group.__cause__ = KeyError("first")
    text = logs.JsonLines().formatException((type(group), group, None))

    places = [text.index(part) for part in ("KeyError: 'first'", "direct cause", "ExceptionGroup: both")]
    places += [text.index(part) for part in ("  | ValueError: left", "  | ValueError: right")]
    assert places == sorted(places)


@pytest.mark.parametrize("header", ["", "00-zz-1-01", "'; drop", "4bf9"])
async def test_an_invalid_trace_is_left_out(header: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = await lines(capsys, "/fail", traceparent=header)

    assert "logging.googleapis.com/trace" not in line


async def test_calls_do_not_inherit_from_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    await lines(capsys, "/api/v1/campaigns/abc123/log", traceparent=PARENT)
    (line,) = await lines(capsys, "/fail")

    assert "campaign_id" not in line
