"""The gateway in front of real servers: who gets which path, and what passes through."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from crm.entry import body_limits
from crm.entry.headers import SECURITY
from crm.topology import FUNCTIONS
from devstack import secrets, website
from devstack.gateway import create_gateway, route
from devstack.identity import Issuer
from devstack.processes import free_port
from tests.devstack.serving import serving
from tests.waiting import PATIENCE


async def echo(request: Request) -> Response:
    body = await request.body()
    content = {
        "path": request.scope["raw_path"].decode(),
        "query": request.scope["query_string"].decode(),
        "method": request.method,
        "headers": dict(request.headers.items()),
        "body": body.decode(),
    }
    response = JSONResponse(content, 202, {"X-Mine": "kept"})
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


gate = asyncio.Event()


async def slow(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        await gate.wait()
        yield b"second"

    return StreamingResponse(parts())


async def refuses(_: Request) -> Response:
    """Reads no body, and closes the connection as functions do then."""
    return JSONResponse({"status": 413}, 413, {"Connection": "close"})


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer("http://127.0.0.1:1/identity", secrets.kept_in(tmp_path_factory.mktemp("keys")).signing_key)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>CRM</title>")
    (tmp_path / "assets" / "index-abc123.js").write_text("export {}")
    return tmp_path


@pytest.fixture
async def client(issuer: Issuer, dist: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a gateway whose functions all echo, but for `summarize`, which is down."""
    methods = ["GET", "POST", "DELETE"]
    function = Starlette(
        routes=[
            Route("/api/v1/ingest/slow", slow),
            Route("/api/v1/ingest/refuses", refuses, methods=["POST"]),
            Route("/{path:path}", echo, methods=methods),
        ]
    )
    async with serving(function) as url:
        urls = {**dict.fromkeys(FUNCTIONS, url), "summarize": f"http://127.0.0.1:{free_port()}"}
        gateway = create_gateway(urls, issuer, dist)
        async with (
            serving(gateway) as address,
            httpx2.AsyncClient(base_url=address, timeout=PATIENCE) as http,
        ):
            yield http


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/api/v1/ingest/customers", "ingest"),
        ("/api/v1/ingest", "ingest"),
        ("/api/v1/receipts", "receipts"),
        ("/api/v1/unsubscribe/token", "receipts"),
        ("/api/v1/ai/summaries", "summarize"),
        ("/api/v1/session", "campaigns"),
        ("/api/v1/ingestion", "campaigns"),
        ("/api/v2/session", "campaigns"),
        ("/api", "campaigns"),
    ],
)
def test_the_first_prefix_that_fits_at_a_slash(path: str, function: str) -> None:
    assert route(path) == function


async def test_a_call_passes_unchanged(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/customers/a%2Fb%20c?query=x%26y&query=z",
        content=b'{"a": 1}',
        headers={"Authorization": "Bearer k", "Connection": "keep-alive", "X-Forwarded-For": "6.6.6.6"},
    )
    seen = answer.json()
    assert answer.status_code == 202
    assert seen["path"] == "/api/v1/customers/a%2Fb%20c"
    assert seen["query"] == "query=x%26y&query=z"
    assert seen["method"] == "POST"
    assert seen["body"] == '{"a": 1}'
    assert seen["headers"]["authorization"] == "Bearer k"
    assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert answer.headers["x-mine"] == "kept"
    assert answer.headers.get_list("set-cookie") == [
        "a=1; Path=/; SameSite=lax",
        "b=2; Path=/; SameSite=lax",
    ]
    assert len(answer.headers.get_list("date")) == 1


async def test_nothing_is_added_and_no_cookie_of_another_caller_is_sent(client: httpx2.AsyncClient) -> None:
    sent = {"Host": "localhost", "Accept-Encoding": "identity"}
    await client.get("/api/v1/session", headers=sent)  # its answer sets two cookies
    async with httpx2.AsyncClient(base_url=client.base_url, timeout=PATIENCE) as stranger:
        stranger.headers.clear()
        seen = (await stranger.get("/api/v1/session", headers=sent)).json()["headers"]
    assert set(seen) == {
        "host",
        "accept-encoding",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
    }


async def test_an_answer_is_passed_on_while_it_comes(client: httpx2.AsyncClient) -> None:
    gate.clear()
    async with client.stream("GET", "/api/v1/ingest/slow") as answer:
        parts = answer.aiter_raw()
        assert await anext(parts) == b"first"
        gate.set()
        assert await anext(parts) == b"second"


async def test_a_function_that_is_down_is_a_503(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/v1/ai/summaries", json={})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("declared", [True, False])
async def test_an_answer_before_the_end_of_a_large_body_is_passed_on(
    client: httpx2.AsyncClient, declared: bool
) -> None:
    body = bytes(20_000_000)

    async def parts() -> AsyncIterator[bytes]:
        yield body

    for _ in range(10):
        answer = await client.post("/api/v1/ingest/refuses", content=body if declared else parts())
        assert (answer.status_code, answer.json()) == (413, {"status": 413})


async def test_a_body_that_stalls_is_408_as_from_the_function_itself(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limits, "FIRST_SECONDS", 0.2)

    for framing in ("Content-Length: 100", "Transfer-Encoding: chunked"):
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        head = f"POST /api/v1/ingest/customers HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n"
        writer.write(head.encode() + b"1\r\n{\r\n")
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"application/problem+json" in answer


@pytest.mark.parametrize("path", ["/api/v1/a%0d%0ab", "/a%0d%0ab"])
async def test_a_path_with_a_line_end_is_a_404_like_others(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert {name: answer.headers.get(name) for name in SECURITY} == dict(SECURITY)


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
async def test_a_wish_to_upgrade_is_refused_with_a_body_and_ignored_without(
    client: httpx2.AsyncClient, protocol: str
) -> None:
    wish = {"Connection": "Upgrade", "Upgrade": protocol}
    refused = await client.post("/api/v1/session", headers=wish, json={})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert {name: refused.headers.get(name) for name in SECURITY} == dict(SECURITY)
    assert (await client.get("/api/v1/session", headers=wish)).json()["body"] == ""


async def test_an_unknown_api_is_answered_by_a_function(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/v2/customers")
    assert answer.json()["path"] == "/api/v2/customers"


async def test_the_api_has_the_headers_of_its_functions_and_pages_those_of_hosting(
    client: httpx2.AsyncClient,
) -> None:
    of_function = await client.get("/api/v1/customers")
    assert not website.SECURITY.keys() & of_function.headers.keys()
    for path in ("/", "/campaigns", "/assets/index-abc123.js", "/assets/index-old.js", "/apian"):
        headers = (await client.get(path)).headers
        assert {name: headers.get(name) for name in website.SECURITY} == website.SECURITY, path
    away = await client.post("/api/v1/ai/summaries")
    assert {name: away.headers.get(name) for name in SECURITY} == dict(SECURITY)


@pytest.mark.parametrize("path", ["/", "/campaigns", "/campaigns/c1/log"])
async def test_a_page_of_the_app_is_the_app(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "<title>CRM</title>" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' https://accounts.google.com/gsi/client;" in policy
    assert "unsafe" not in policy


async def test_assets_are_kept_forever_and_missing_ones_are_404(client: httpx2.AsyncClient) -> None:
    found = await client.get("/assets/index-abc123.js")
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await client.get("/assets/index-old.js")).status_code == 404
    assert (await client.get("/../../etc/passwd.txt")).status_code == 404


async def test_another_site_cannot_pose_as_this_one(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/identity/token", json={"email": "owner@example.com"}, headers={"Host": "evil.example"}
    )
    assert answer.status_code == 400
