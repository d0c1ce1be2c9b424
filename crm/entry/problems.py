"""Errors as RFC 9457 problem+json, and the one table from domain errors to status codes."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from crm.kernel import errors
from crm.kernel.validation import MAX_ERRORS, field_errors

logger = logging.getLogger(__name__)

CLIENT_GONE = 499
"""nginx's status for a client that disconnected: only access logs see it."""

MEDIA_TYPE = "application/problem+json"

EVENTS = "/events/"
"""Path prefix of Pub/Sub and the scheduler. They ignore the body of an error, so it is logged."""

ErrorPage = Callable[[int, str, Mapping[str, str]], Response]
"""Makes the page of an error from its status, its sentence and its headers."""

STATUS: dict[type[errors.CrmError], int] = {
    errors.Malformed: 400,
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
}


class ProblemResponse(JSONResponse):
    """A problem+json response, and what a page in its place would say."""

    def __init__(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        """`body` as RFC 9457 has it, `headers` besides those of every response."""
        super().__init__(body, body["status"], headers, media_type=MEDIA_TYPE)
        self.detail: str = body["detail"]
        self.own_headers = headers


def problem(
    status: int,
    detail: str,
    field_errors: Sequence[errors.FieldError] = (),
    headers: Mapping[str, str] | None = None,
    more: int = 0,
) -> ProblemResponse:
    """A problem+json response. `title` is the status's phrase; `errors` is there only for invalid fields.

    It shows MAX_ERRORS of the field errors and says how many there are beyond them, `more` included.
    """
    hidden = more + max(0, len(field_errors) - MAX_ERRORS)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": f"{detail} {not_shown(hidden)}" if hidden else detail,
    }
    if field_errors:
        body["errors"] = [_field_error(each) for each in field_errors[:MAX_ERRORS]]
    return ProblemResponse(body, headers or {})


def not_shown(hidden: int) -> str:
    """The sentence that says how many errors are left out."""
    return "1 more error is not shown." if hidden == 1 else f"{hidden:,} more errors are not shown."


def _field_error(error: errors.FieldError) -> dict[str, Any]:
    place = {} if error.line is None else {"line": error.line, "column": error.column}
    return {"path": error.path, "message": error.message, **place}


def of_error(error: errors.CrmError) -> ProblemResponse:
    """The response for a domain error."""
    status = next(code for cls, code in STATUS.items() if isinstance(error, cls))
    headers: dict[str, str] = {}
    if isinstance(error, (errors.Unavailable, errors.TooManyRequests)):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.Invalid):
        return problem(status, _sentence(error), error.errors, headers, error.more)
    return problem(status, str(error), headers=headers)


def _sentence(error: errors.Invalid) -> str:
    """The error's own sentence; of many errors without one, the first ones."""
    return error.detail or "; ".join(f"{each.path}: {each.message}" for each in error.errors[:MAX_ERRORS])


def unexpected() -> ProblemResponse:
    """The response for an error that nobody expected. It says nothing of the inside."""
    return problem(500, "Something went wrong on our side; the call is in our log.")


async def http_error(_: Request, error: Exception) -> ProblemResponse:
    """The response for an HTTPException."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=error.headers)


def show_pages(app: FastAPI, prefix: str, page: ErrorPage) -> None:
    """Answer every error of `app` at `prefix` and below with a page: people open these paths in a browser."""
    app.state.error_pages = (prefix, page)


def install(app: FastAPI) -> None:
    """Answer every error of `app` with problem+json, or with a page where `show_pages` says so."""

    def shown(request: Request, answer: ProblemResponse) -> Response:
        pages: tuple[str, ErrorPage] | None = getattr(app.state, "error_pages", None)
        if pages is None or not f"{request.url.path}/".startswith(f"{pages[0]}/"):
            return answer
        _, page = pages
        return page(answer.status_code, answer.detail, answer.own_headers)

    async def crm_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.CrmError)
        if isinstance(error, errors.Unavailable):
            logger.warning("unavailable: %s", error)
        elif request.url.path.startswith(EVENTS):
            logger.warning("event refused: %s", error)
        return shown(request, of_error(error))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if request.url.path.startswith(EVENTS):
            logger.warning("event refused: not a push of Pub/Sub")
        details = error.errors()
        if details and details[0]["type"] == "json_invalid":
            reason = details[0].get("ctx", {}).get("error", "")
            return shown(request, problem(400, f"The body is not valid JSON: {reason}"))
        found = field_errors(details, skip=1)
        more = len(details) - len(found)
        return shown(request, problem(422, "The request is not valid.", found, more=more))

    async def client_gone(request: Request, _: Exception) -> Response:
        logger.info("the client disconnected from %s %s", request.method, request.url.path)
        return Response(status_code=CLIENT_GONE)

    async def of_http(request: Request, error: Exception) -> Response:
        return shown(request, await http_error(request, error))

    async def anything_else(request: Request, _: Exception) -> Response:
        return shown(request, unexpected())

    app.add_exception_handler(Exception, anything_else)
    app.add_exception_handler(errors.CrmError, crm_error)
    app.add_exception_handler(ClientDisconnect, client_gone)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, of_http)
