"""Logs one JSON object per line, with the fields that Cloud Logging knows.

`about` adds ids (campaign, chunk) to every line of a call, so that one query follows a campaign through all
functions. `of_request` finds the trace and the campaign of a call.
"""

import json
import logging
import re
import sys
import textwrap
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from fastapi.exceptions import ValidationException
from pydantic import ValidationError

_context: ContextVar[dict[str, Any]] = ContextVar("log_context", default={})  # noqa: B039  # never mutated


_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/|;|$)")
_CAMPAIGN = re.compile(r"^/api/v1/campaigns/([A-Za-z0-9]+)(?:/|$)")


@contextmanager
def context(**ids: Any) -> Iterator[None]:
    """Add `ids` to every line logged inside the block. What `about` adds inside ends with the block."""
    token = _context.set({**_context.get(), **ids})
    try:
        yield
    finally:
        _context.reset(token)


def about(**ids: Any) -> None:
    """Add `ids` to every further line of the call, including those about its failure."""
    _context.set({**_context.get(), **ids})


def of_request(headers: Mapping[str, str], path: str, project: str) -> dict[str, str]:
    """The ids for `context` during a call: its trace, and the campaign in its path, as far as known.

    The trace comes from the W3C header `traceparent`, or from Google's older one.
    """
    found: dict[str, str] = {}
    trace = _TRACEPARENT.match(headers.get("traceparent", "")) or _CLOUD_TRACE.match(
        headers.get("x-cloud-trace-context", "")
    )
    if trace:
        found["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace[1]}"
    campaign = _CAMPAIGN.search(path)
    if campaign:
        found["campaign_id"] = campaign[1]
    return found


class JsonLines(logging.Formatter):
    """Formats a record as a line of JSON, with the context's ids and any traceback.

    Leaves out the values in errors of validation, pydantic's and FastAPI's: they may be customer data.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "severity": record.levelname,
            "message": _message(record),
            "logger": record.name,
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            **_context.get(),
            **getattr(record, "ids", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)

    def formatException(self, ei: Any) -> str:
        return "".join(_traceback(ei[1], _hidden([ei[1]]))).rstrip("\n")


def _message(record: logging.LogRecord) -> str:
    arguments = record.args if isinstance(record.args, tuple) else ()
    errors = [each for each in arguments if isinstance(each, BaseException)]
    return _without(_hidden(errors), record.getMessage())


def _traceback(error: BaseException, hidden: Mapping[str, str]) -> Iterator[str]:
    """An error as `traceback` prints it, with those that led to it, and the members of groups one by one."""
    chain: list[tuple[BaseException, str]] = [(error, "")]
    while True:
        earlier, sentence = _earlier(chain[-1][0])
        if earlier is None or any(earlier is known for known, _ in chain):
            break
        chain.append((earlier, sentence))
    for each, sentence in reversed(chain):
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(each.__traceback__)
        yield _without(hidden, "".join(traceback.format_exception_only(each)))
        if isinstance(each, BaseExceptionGroup):
            for member in each.exceptions:
                yield textwrap.indent("".join(_traceback(member, hidden)), "  | ")
        if sentence:
            yield f"\n{sentence}\n\n"


def _earlier(error: BaseException) -> tuple[BaseException | None, str]:
    if error.__cause__ is not None:
        return error.__cause__, "The above exception was the direct cause of the following exception:"
    context = None if error.__suppress_context__ else error.__context__
    return context, "During handling of the above exception, another exception occurred:"


def _hidden(errors: Sequence[BaseException]) -> dict[str, str]:
    """What errors of validation say with values, and what is logged in place of it. Those that caused the
    `errors` and those in groups are among them, for the text of one error may hold that of another."""
    waiting, seen, hidden = list(errors), set[int](), dict[str, str]()
    while waiting:
        error = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        if isinstance(error, ValidationError):
            hidden[str(error)] = _without_values(error.errors(include_context=False, include_input=False))
        elif isinstance(error, ValidationException):
            hidden[str(error)] = _without_values(error.errors())
        elif isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
        waiting += filter(None, (error.__cause__, error.__context__))
    return hidden


def _without(hidden: Mapping[str, str], text: str) -> str:
    for said in sorted(hidden, key=len, reverse=True):
        text = text.replace(said, hidden[said])
    return text


def _without_values(details: Sequence[Any]) -> str:
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in details)


def configure(level: int = logging.INFO) -> None:
    """Log to standard output as JSON. Safe to repeat."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
