import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

import httpx2
import pytest
from fastapi import Body
from pydantic import BaseModel
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from crm.entry.app import create_app, serve
from crm.entry.headers import SECURITY
from crm.entry.problems import show_pages
from crm.kernel import errors
from tests.support import open_gate

MAX_BODY = 2**20


class Thing(BaseModel):
    size: int


app = create_app("test")
open_gate(app, MAX_BODY)


@app.post("/things")
async def things(thing: Thing) -> dict[str, int]:
    return {"size": thing.size}


@app.post("/raw")
async def raw(body: Annotated[bytes, Body(media_type="text/plain")]) -> int:
    return len(body)


@app.get("/fail/{kind}")
async def fail(kind: str) -> None:
    raise {
        "invalid": errors.Invalid.at("rules.0.field", "is not known"),
        "missing": errors.NotFound("There is no such campaign."),
        "conflict": errors.Conflict("It was launched already."),
        "away": errors.Unavailable("The database does not answer.", retry_after=7),
        "who": errors.Unauthenticated("Sign in."),
        "no": errors.Forbidden("Only admins may."),
        "large": errors.TooLarge("Too large."),
        "bug": RuntimeError("secret detail"),
    }[kind]


@app.get("/half")
async def half() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("broke off")

    return StreamingResponse(parts())


class BrokenMiddleware:
    """Fails for one path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/broken":
            raise RuntimeError("secret detail of a middleware")
        await self._app(scope, receive, send)


app.add_middleware(BrokenMiddleware)


async def call(method: str, path: str, **options: object) -> httpx2.Response:
    handler = serve(app)

    async def framework(scope: object, receive: object, send: object) -> None:
        served = await handler(None)  # type: ignore[arg-type]  # the request is not looked at
        await served(scope, receive, send)  # type: ignore[arg-type]

    transport = httpx2.ASGITransport(app=framework)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("invalid", 422),
        ("missing", 404),
        ("conflict", 409),
        ("away", 503),
        ("who", 401),
        ("no", 403),
        ("large", 413),
    ],
)
async def test_each_domain_error_has_its_status(kind: str, status: int) -> None:
    response = await call("GET", f"/fail/{kind}")

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


async def test_a_validation_error_names_the_path() -> None:
    response = await call("GET", "/fail/invalid")

    assert response.json()["errors"] == [{"path": "rules.0.field", "message": "is not known"}]


async def test_an_unavailable_dependency_is_503_with_retry_after() -> None:
    assert (await call("GET", "/fail/away")).headers["retry-after"] == "7"


@pytest.mark.parametrize("path", ["/fail/bug", "/broken"])
async def test_a_bug_is_a_500_without_details_and_is_logged_once(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = await call("GET", path)

    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "secret detail" not in response.text
    assert [record.getMessage() for record in caplog.records] == [f"unhandled error on GET {path}"]
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/fail/bug"), ("GET", "/broken"), ("GET", "/nowhere"), ("PUT", "/things")]
)
async def test_every_answer_has_the_security_headers(method: str, path: str) -> None:
    headers = (await call(method, path)).headers

    assert {name: headers[name] for name in SECURITY} == dict(SECURITY)


async def test_a_body_that_is_not_json_is_a_400_and_a_wrong_field_a_422() -> None:
    broken = await call("POST", "/things", content=b'{"size":', headers={"content-type": "application/json"})
    wrong = await call("POST", "/things", json={"size": "big"})

    assert broken.status_code == 400
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["path"] == "size"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/things", 405)])
async def test_the_frameworks_own_errors_are_problems_too(method: str, path: str, status: int) -> None:
    response = await call(method, path)

    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


async def test_a_body_over_the_limit_is_refused_declared_or_not() -> None:
    async def undeclared() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 2**20 + 1):
            yield b"x" * 2**20

    declared = await call(
        "POST", "/raw", content=b"x" * (MAX_BODY + 1), headers={"content-type": "text/plain"}
    )
    streamed = await call("POST", "/raw", content=undeclared(), headers={"content-type": "text/plain"})
    allowed = await call("POST", "/raw", content=b"x" * 1000, headers={"content-type": "text/plain"})

    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert allowed.json() == 1000


async def test_an_answer_that_breaks_off_is_not_answered_twice() -> None:
    served = await serve(app)(None)  # type: ignore[arg-type]
    sent: list[str] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(str(message["type"]))

    async def receive() -> dict[str, object]:
        return await asyncio.Event().wait() and {}  # the client neither speaks nor leaves

    scope = {"type": "http", "method": "GET", "path": "/half", "headers": [], "query_string": b""}
    await served(scope, receive, send)  # type: ignore[arg-type]

    assert sent.count("http.response.start") == 1


def test_a_log_line_is_json_with_the_ids_of_its_context(capsys: pytest.CaptureFixture[str]) -> None:
    from crm.entry import logs

    logs.configure()
    with logs.context(campaign="C1"):
        logging.getLogger("x").info("sent %d", 3)
    logging.getLogger().handlers.clear()

    line = json.loads(capsys.readouterr().out)
    assert (line["severity"], line["message"], line["campaign"]) == ("INFO", "sent 3", "C1")


async def test_errors_below_a_prefix_are_pages_if_the_app_says_so() -> None:
    paged = create_app("test")
    open_gate(paged, 10)

    @paged.post("/pages/{kind}")
    async def page(kind: str, thing: Thing) -> None:
        raise errors.Unavailable("It does not answer.", retry_after=7)

    def shown(status: int, sentence: str, headers: Mapping[str, str]) -> HTMLResponse:
        return HTMLResponse(f"<h1>{sentence}</h1>", status, headers)

    show_pages(paged, "/pages", shown)
    transport = httpx2.ASGITransport(app=paged)
    async with httpx2.AsyncClient(transport=transport, base_url="http://function.test") as http:
        answers = [
            await http.post("/pages/a", content=b"{" * 11),
            await http.post("/pages/a", content=b"{", headers={"Content-Type": "application/json"}),
            await http.post("/pages/a", json={}),
            await http.post("/pages/a", json={"size": 1}),
            await http.put("/pages/a"),
            await http.get("/pages"),
        ]
        other = await http.get("/pagesof")
    assert [each.status_code for each in answers] == [413, 400, 422, 503, 405, 404]
    for each in answers:
        assert each.headers["content-type"].startswith("text/html")
        assert each.headers["content-length"] == str(len(each.content))
    assert answers[3].text == "<h1>It does not answer.</h1>"
    assert answers[3].headers["retry-after"] == "7"
    assert other.headers["content-type"] == "application/problem+json"
