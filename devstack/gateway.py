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

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from crm.entry.headers import SECURITY
from crm.entry.health import LIVE
from crm.entry.http_protocol import BoundedHttp
from crm.entry.problems import problem
from crm.topology import ROUTES
from devstack import identity
from devstack.build import DIST
from devstack.identity import Issuer
from devstack.website import Headers, Website

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_TIMEOUT = httpx2.Timeout(120.0, connect=5.0)
_LIMITS = httpx2.Limits(max_connections=400, keepalive_expiry=1.0)  # gunicorn closes idle ones after 2 s
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
    # The bare transport: a client would keep the cookies of one caller and send them with the calls of all.
    transport = httpx2.AsyncHTTPTransport(limits=_LIMITS, trust_env=False)

    async def api(request: Request) -> Response:
        return await _forward(transport, functions[route(request.url.path)], request)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with transport:
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
        lifespan=lifespan,
    )


def route(path: str) -> str:
    """The function that answers `path`, which is /api or below: the first prefix that fits, at a slash."""
    return next(function for prefix, function in ROUTES if path == prefix or path.startswith(prefix + "/"))


async def _forward(transport: httpx2.AsyncHTTPTransport, function: str, request: Request) -> Response:
    """Pass the call on and its answer back, both as they come in, without holding them in memory."""
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    outgoing = httpx2.Request(
        request.method,
        httpx2.URL(function).copy_with(raw_path=_raw_path(request)),
        headers=[*_end_to_end(request.headers.raw), *_forwarded(request)],
        content=request.stream() if has_body else None,
        extensions={"timeout": _TIMEOUT.as_dict()},
    )
    try:
        answer = await transport.handle_async_request(outgoing)
    except httpx2.TransportError:
        # Ours alone: in production the platform answers for a function that does not.
        return problem(
            503, "This part of the system does not answer.", headers={**SECURITY, "Retry-After": "1"}
        )
    response = StreamingResponse(_body(answer), answer.status_code)
    own = {b"date", b"server"}  # our server adds its own
    response.raw_headers = [pair for pair in _end_to_end(answer.headers.raw) if pair[0] not in own]
    return response


async def _body(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
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
