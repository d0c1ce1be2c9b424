"""The one address of the local stack: web app, API and identity, as Firebase Hosting does it in production.

Runs as a process of its own: `python -m devstack.gateway --port 8080 --functions '{"ingest": "http://…"}'`,
with the issuer's signing key in `CRM_SIGNING_KEY`.
"""

import argparse
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import h11
import httpcore2
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from crm.entry.body_limits import LimitedBody
from crm.entry.headers import SECURITY
from crm.entry.health import LIVE
from crm.entry.http_protocol import BoundedHttp
from crm.entry.problems import CLIENT_GONE, problem
from crm.topology import ROUTES
from devstack import identity
from devstack.answered_early import SocketBackend
from devstack.build import DIST
from devstack.identity import Issuer
from devstack.website import Headers, Website

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_TIMEOUT = {"connect": 5.0, "read": 120.0, "write": 120.0, "pool": 120.0}
_ANY_SIZE = 2**40  # functions refuse what is too large; what they answer while a body stalls is not read
_KEEPALIVE_SECONDS = 1.0  # gunicorn closes idle connections after 2 s
_HOP_BY_HOP = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}


def create_gateway(functions: Mapping[str, str], issuer: Issuer, dist: Path = DIST) -> Starlette:
    """`functions` maps a name to the URL where it listens; `dist` holds the built web app."""
    # The bare pool: a client would keep the cookies of one caller and send them with the calls of all.
    pool = httpcore2.AsyncConnectionPool(
        max_connections=400, keepalive_expiry=_KEEPALIVE_SECONDS, network_backend=SocketBackend()
    )

    async def api(request: Request) -> Response:
        return await forward(pool, functions[route(request.url.path)], request)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    return Starlette(
        routes=[
            Route(LIVE, health),
            *identity.routes(issuer),
            Route("/api", api, methods=METHODS),
            Route("/api/{path:path}", api, methods=METHODS),
            Mount("/", Website(dist)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1"]),
            Middleware(Headers),
        ],
        exception_handlers={HTTPException: _http_error},
        lifespan=lifespan,
    )


def route(path: str) -> str:
    """The function that answers `path`, which is /api or below: the first prefix that fits, at a slash."""
    return next(function for prefix, function in ROUTES if path == prefix or path.startswith(prefix + "/"))


async def _http_error(_: Request, error: Exception) -> Response:
    """What no route answers: also paths with a line end, which no route matches."""
    assert isinstance(error, HTTPException)
    return _own(error.status_code, error.detail, error.headers)


def _own(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    return problem(status, detail, headers={**SECURITY, **(headers or {})})


async def forward(pool: httpcore2.AsyncConnectionPool, function: str, request: Request) -> Response:
    """Pass the call on and its answer back, both as they come in, without holding them in memory."""
    is_chunked = "transfer-encoding" in request.headers
    has_body = is_chunked or "content-length" in request.headers
    framing = [(b"transfer-encoding", b"chunked")] if is_chunked else []
    origin = httpcore2.URL(function)
    outgoing = httpcore2.Request(
        request.method,
        httpcore2.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=_raw_path(request)),
        headers=[*_end_to_end(request.headers.raw), *framing, *_forwarded(request)],
        content=Request(request.scope, LimitedBody(request, _ANY_SIZE)).stream() if has_body else None,
        extensions={"timeout": _TIMEOUT},
    )
    try:
        answer = await pool.handle_async_request(outgoing)
    except ClientDisconnect:
        return Response(status_code=CLIENT_GONE)
    except (h11.LocalProtocolError, httpcore2.LocalProtocolError):
        return _own(400, "This is not a valid HTTP request.")
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        # Ours alone: in production the platform answers for a function that does not.
        return _own(503, "This part of the system does not answer.", {"Retry-After": "1"})
    response = StreamingResponse(_body(answer), answer.status)
    own = {b"date", b"server"}  # our server adds its own
    response.raw_headers = [pair for pair in _end_to_end(answer.headers) if pair[0] not in own]
    return response


async def _body(answer: httpcore2.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_stream():
            yield part
    finally:
        await answer.aclose()


def _raw_path(request: Request) -> bytes:
    """Path and query exactly as they were sent; decoding and encoding again would change some."""
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    return path + b"?" + query if query else path


def _end_to_end(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower(), value)
        for name, value in headers
        if name.lower() not in _HOP_BY_HOP and not name.lower().startswith(b"x-forwarded-")
    ]


def _forwarded(request: Request) -> list[tuple[bytes, bytes]]:
    host = request.client.host if request.client else ""
    return [
        (b"x-forwarded-for", host.encode()),
        (b"x-forwarded-proto", request.url.scheme.encode()),
        (b"x-forwarded-host", request.headers.get("host", "").encode()),
    ]


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m devstack.gateway")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--functions", type=json.loads, required=True, help='{"name": "http://…"}')
    arguments = parser.parse_args()
    issuer = Issuer(f"http://127.0.0.1:{arguments.port}/identity", os.environ["CRM_SIGNING_KEY"])
    gateway = create_gateway(arguments.functions, issuer)
    uvicorn.run(
        gateway,
        host="127.0.0.1",
        port=arguments.port,
        http=BoundedHttp,
        ws="none",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
