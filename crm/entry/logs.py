"""Logs one JSON object per line, with the fields that Cloud Logging knows.

`about` adds ids (campaign, chunk) to every line of a call, so that one query follows a campaign through all
functions. `of_request` finds the trace and the campaign of a call.
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

    Leaves out the values in pydantic's errors: they may be customer data.
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
    """Log to standard output as JSON. Safe to repeat."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
