"""Lines of the log: JSON that Cloud Logging knows, with the trace and the campaign that they belong to."""

import json
import logging
import logging.config
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from crm.entry import logs
from crm.entry.app import create_app, serve
from tests.support import open_gate

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
ORIGIN = logs.Origin("my-project", "crm-ingest", "v1.2.3")
SOMEBODY = "ann@example.com"
logger = logging.getLogger("test")
app = create_app("test")
open_gate(app)


@app.get("/api/v1/campaigns/{name}/log")
async def log(name: str) -> None:
    logger.info("looked", extra={"ids": {"chunk_id": "0001"}})


@app.get("/complain")
async def complain() -> None:
    logger.error("the counters are off")


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


async def lines(capsys: pytest.CaptureFixture[str], path: str, **headers: str) -> list[dict[str, Any]]:
    """What a call logs. Pytest has handlers of its own, which come back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:]
    logs.configure(ORIGIN)
    guarded = await serve(app)(None)  # type: ignore[arg-type]  # the request is not looked at
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


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": PARENT},
        {"X-Cloud-Trace-Context": f"{TRACE}/{int(SPAN, 16)};o=1"},
        {"traceparent": PARENT, "X-Cloud-Trace-Context": f"{'1' * 32}/1;o=0"},
    ],
)
async def test_a_line_names_trace_and_span_and_whether_the_trace_is_sampled(
    headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = await lines(capsys, "/api/v1/campaigns/abc123/log", **headers)

    assert {name: value for name, value in line.items() if name.startswith("logging.googleapis.com/")} == {
        "logging.googleapis.com/trace": f"projects/my-project/traces/{TRACE}",
        "logging.googleapis.com/spanId": SPAN,
        "logging.googleapis.com/trace_sampled": True,
    }


async def test_a_line_says_when_it_was_logged_and_by_which_version(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = await lines(capsys, "/api/v1/campaigns/abc123/log")

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", line["time"])
    assert abs((datetime.now(UTC) - datetime.fromisoformat(line["time"])).total_seconds()) < 60
    assert line["serviceContext"] == {"service": "crm-ingest", "version": "v1.2.3"}


def test_the_environment_names_the_origin() -> None:
    deployed = {"CRM_PROJECT": "p", "K_SERVICE": "crm-ingest", "CRM_VERSION": "v1"}

    assert logs.origin_of(deployed) == logs.Origin("p", "crm-ingest", "v1")
    assert logs.origin_of({"FUNCTION_TARGET": "ingest"}) == logs.Origin("", "ingest", "dev")


@pytest.mark.parametrize(
    ("level", "severity"),
    [(5, "DEFAULT"), (10, "DEBUG"), (25, "INFO"), (30, "WARNING"), (40, "ERROR"), (55, "CRITICAL")],
)
def test_a_severity_is_one_that_cloud_logging_knows(level: int, severity: str) -> None:
    record = logging.LogRecord("test", level, __file__, 1, "said", (), None)

    assert json.loads(logs.JsonLines(ORIGIN).format(record))["severity"] == severity


async def test_an_unexpected_error_is_found_by_its_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = await lines(capsys, "/fail", **{"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"})

    assert line["message"] == "unhandled error on GET /fail"
    assert "RuntimeError: a bug" in line["stack_trace"]
    assert line["logging.googleapis.com/trace"].endswith(TRACE)


async def test_error_reporting_groups_errors_by_traceback_or_by_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (failed,) = await lines(capsys, "/fail")
    (complained,) = await lines(capsys, "/complain")
    (said,) = await lines(capsys, "/api/v1/campaigns/abc123/log")

    assert failed["@type"] == complained["@type"] == logs.REPORTED
    assert failed["stack_trace"].startswith("Traceback (most recent call last):\n")
    assert "context" not in failed
    assert complained["context"]["reportLocation"]["functionName"] == "complain"
    assert "@type" not in said


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Logging as it was comes back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.usefixtures("untouched_logging")
def test_loggers_that_somebody_disabled_log_again(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig({"version": 1, "root": {"level": "WARNING"}})
    assert logger.disabled

    logs.configure(ORIGIN)
    logger.info("heard")

    assert json.loads(capsys.readouterr().out)["message"] == "heard"


async def test_a_traceback_quotes_no_value_that_was_refused(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = await lines(capsys, "/refuse")

    assert "RuntimeError: a bug" in line["stack_trace"]
    assert "email: int_parsing" in line["stack_trace"]
    assert SOMEBODY not in line["stack_trace"]


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

    assert said in line["stack_trace"]
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


@pytest.mark.parametrize("header", ["", "00-zz-1-01", "'; drop", "4bf9", f"00-{'0' * 32}-{SPAN}-01"])
async def test_an_invalid_trace_is_replaced(header: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = await lines(capsys, "/fail", traceparent=header)

    assert re.fullmatch(r"projects/my-project/traces/[0-9a-f]{32}", line["logging.googleapis.com/trace"])
    assert line["logging.googleapis.com/trace_sampled"] is False
    assert "logging.googleapis.com/spanId" not in line


async def test_calls_do_not_inherit_from_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    await lines(capsys, "/api/v1/campaigns/abc123/log", traceparent=PARENT)
    (line,) = await lines(capsys, "/fail")

    assert "campaign_id" not in line
