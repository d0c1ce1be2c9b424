"""Logs one JSON object per line, with the fields that Cloud Logging and Error Reporting know.

`about` adds ids (campaign, chunk) to every line of a call, so that one query follows a campaign through all
functions. Each line also names the call's trace, and the version that logged it.
"""

import json
import logging
import os
import re
import sys
import textwrap
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from fastapi.exceptions import ValidationException
from pydantic import ValidationError

from crm.config import PREFIX, running_version
from crm.platform import tracing

_context: ContextVar[dict[str, Any]] = ContextVar("log_context", default={})  # noqa: B039  # never mutated

SEVERITIES: Final = (
    (logging.CRITICAL, "CRITICAL"),
    (logging.ERROR, "ERROR"),
    (logging.WARNING, "WARNING"),
    (logging.INFO, "INFO"),
    (logging.DEBUG, "DEBUG"),
)
"""Least level → Cloud Logging's name for it. Below all of them is DEFAULT."""

REPORTED: Final = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
"""Has Error Reporting take a line, also one without a traceback."""

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


def of_path(path: str) -> dict[str, str]:
    """The ids for `context` during a call: the campaign in its path, if there is one."""
    campaign = _CAMPAIGN.search(path)
    return {"campaign_id": campaign[1]} if campaign else {}


@dataclass(frozen=True, slots=True)
class Origin:
    """Who logs: the project, the service in it and its version."""

    project: str
    service: str
    version: str


def origin_of(environ: Mapping[str, str] = os.environ) -> Origin:
    """The origin of this process' lines. Cloud Run names the service, and the local stack the function."""
    service = environ.get("K_SERVICE") or environ.get("FUNCTION_TARGET") or "crm"
    return Origin(environ.get(f"{PREFIX}PROJECT", ""), service, running_version(environ))


class JsonLines(logging.Formatter):
    """Formats a record as a line of JSON, with the context's ids and any traceback.

    Leaves out the values in errors of validation, pydantic's and FastAPI's: they may be customer data.
    """

    def __init__(self, origin: Origin | None = None) -> None:
        super().__init__()
        self._origin = origin or origin_of()

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "severity": _severity(record.levelno),
            "message": _message(record),
            "logger": record.name,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "serviceContext": {"service": self._origin.service, "version": self._origin.version},
            **self._trace(),
            **_context.get(),
            **getattr(record, "ids", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["stack_trace"] = self.formatException(record.exc_info)
        if record.levelno >= logging.ERROR:
            line["@type"] = REPORTED
            if "stack_trace" not in line:  # what Error Reporting groups such lines by
                line["context"] = {"reportLocation": _location(record)}
        return json.dumps(line, default=str)

    def _trace(self) -> dict[str, Any]:
        trace = tracing.current()
        if trace is None:
            return {}
        span = {"logging.googleapis.com/spanId": trace.span_id} if trace.span_id else {}
        return {
            "logging.googleapis.com/trace": f"projects/{self._origin.project}/traces/{trace.trace_id}",
            **span,
            "logging.googleapis.com/trace_sampled": trace.is_sampled,
        }

    def formatException(self, ei: Any) -> str:
        return "".join(_traceback(ei[1], _hidden([ei[1]]))).rstrip("\n")


def _severity(level: int) -> str:
    return next((name for least, name in SEVERITIES if level >= least), "DEFAULT")


def _location(record: logging.LogRecord) -> dict[str, Any]:
    return {"filePath": record.pathname, "lineNumber": record.lineno, "functionName": record.funcName or "?"}


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


def configure(origin: Origin | None = None, level: int = logging.INFO) -> None:
    """Log to standard output as JSON, whatever was configured before. Safe to repeat.

    Loggers that somebody disabled are enabled: functions-framework disables all that exist when it configures
    logging itself.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(origin))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for logger in root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False
    logging.getLogger("httpx2").setLevel(logging.WARNING)
