"""Errors as RFC 9457 problem+json, and the one table from domain errors to status codes."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from crm.kernel import errors
from crm.kernel.validation import field_errors

logger = logging.getLogger(__name__)

CLIENT_GONE = 499
"""nginx's status for a client that disconnected: only access logs see it."""

MEDIA_TYPE = "application/problem+json"

EVENTS = "/events/"
"""Path prefix of Pub/Sub and the scheduler. They ignore the body of an error, so it is logged."""

STATUS: dict[type[errors.CrmError], int] = {
    errors.Malformed: 400,
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unavailable: 503,
}


def problem(
    status: int,
    detail: str,
    field_errors: Sequence[errors.FieldError] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem+json response. `title` is the status's phrase; `errors` is there only for invalid fields."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if field_errors:
        body["errors"] = [_field_error(each) for each in field_errors]
    # Without this a CDN caches 404s.
    return JSONResponse(
        body, status, {"Cache-Control": "private, no-store", **(headers or {})}, media_type=MEDIA_TYPE
    )


def _field_error(error: errors.FieldError) -> dict[str, Any]:
    place = {} if error.line is None else {"line": error.line, "column": error.column}
    return {"path": error.path, "message": error.message, **place}


def of_error(error: errors.CrmError) -> JSONResponse:
    """The response for a domain error."""
    status = next(code for cls, code in STATUS.items() if isinstance(error, cls))
    headers: dict[str, str] = {}
    if isinstance(error, errors.Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    found = error.errors if isinstance(error, errors.Invalid) else ()
    return problem(status, str(error), found, headers)


def install(app: FastAPI) -> None:
    """Answer every error of `app` with problem+json."""

    async def crm_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, errors.CrmError)
        if isinstance(error, errors.Unavailable):
            logger.warning("unavailable: %s", error)
        elif request.url.path.startswith(EVENTS):
            logger.warning("event refused: %s", error)
        return of_error(error)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        if request.url.path.startswith(EVENTS):
            logger.warning("event refused: not a push of Pub/Sub")
        details = error.errors()
        if details and details[0]["type"] == "json_invalid":
            reason = details[0].get("ctx", {}).get("error", "")
            return problem(400, f"The body is not valid JSON: {reason}")
        found = field_errors(details, skip=1)
        return problem(422, "The request is not valid.", found)

    async def http_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))

    async def client_gone(request: Request, _: Exception) -> Response:
        logger.info("the client disconnected from %s %s", request.method, request.url.path)
        return Response(status_code=CLIENT_GONE)

    app.add_exception_handler(errors.CrmError, crm_error)
    app.add_exception_handler(ClientDisconnect, client_gone)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http_error)
