"""Logs as one JSON object a line, with the fields that Cloud Logging knows.

`about` adds ids (campaign, chunk) to every line of a call, so that one query follows a campaign through all
functions. `of_request` tells the trace and the campaign that a call belongs to.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import ValidationError

_context: ContextVar[dict[str, Any]] = ContextVar("log_context", default={})  # noqa: B039  # never mutated


_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/|;|$)")
_CAMPAIGN = re.compile(r"^/api/v1/campaigns/([A-Za-z0-9]+)(?:/|$)")


@contextmanager
def context(**ids: Any) -> Iterator[None]:
    """Add `ids` to every line logged inside. What `about` adds inside is gone afterwards, too."""
    token = _context.set({**_context.get(), **ids})
    try:
        yield
    finally:
        _context.reset(token)


def about(**ids: Any) -> None:
    """Add `ids` to every line from here to the end of the call, also to those that tell why it failed."""
    _context.set({**_context.get(), **ids})


def of_request(headers: Mapping[str, str], path: str, project: str) -> dict[str, str]:
    """What `context` shall add while a call is handled: its trace and the campaign in its path, where known.

    The trace comes from `traceparent`, as W3C has it, or from Google's older header.
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
    """A record as a line of JSON, with the context's ids and any traceback.

    Pydantic's errors quote the values that they refuse, which may be somebody's address: those are left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            **_context.get(),
            **getattr(record, "ids", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)

    def formatException(self, ei: Any) -> str:
        text = super().formatException(ei)
        for error in _chain(ei[1]):
            if isinstance(error, ValidationError):
                text = text.replace(str(error), _without_values(error))
        return text


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _without_values(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in found)


def configure(level: int = logging.INFO) -> None:
    """Send the root logger's lines to standard output as JSON; safe to call again."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
