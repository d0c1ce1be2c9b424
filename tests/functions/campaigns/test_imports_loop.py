"""However a file of 25 MiB is made, reading it leaves the function's event loop free for other calls."""

import json
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from crm.imports.file_import import MAX_FILE, MAX_ROWS
from tests.event_loop import turns
from tests.identity import session_headers
from tests.security.served import Answer, call
from tests.support import serving

pytestmark = pytest.mark.emulator

MOST_BLOCKED: Final = 0.25
"""Seconds that this process may compute between two turns of the loop. On a machine that is busy with other
things, a turn takes longer than that."""

BOUNDARY: Final = "the-boundary-of-a-form"

HEADER: Final = b"Customer ID,Full name\n"

FILES: Final[Mapping[str, Callable[[], bytes]]] = {
    "many columns": lambda: b"a," * (MAX_FILE // 2),
    "many columns in the second row": lambda: HEADER + b"," * (MAX_FILE - len(HEADER)),
    "one huge cell": lambda: HEADER + b'"' + b"x" * (MAX_FILE - len(HEADER) - 2) + b'"',
    "a cell that never ends": lambda: HEADER + b'C-1,"' + b"x\n" * (MAX_FILE // 2 - 20),
    "too many rows": lambda: HEADER + b"C-1,Al\n" * (MAX_FILE // 7 - 4),
    "empty rows": lambda: HEADER + b"\n" * (MAX_FILE - len(HEADER)),
    "empty rows before the header": lambda: b"\n" * (MAX_FILE - len(HEADER)) + HEADER,
    "bytes of no encoding": lambda: HEADER + b"\x81" * (MAX_FILE - len(HEADER)),
    "characters of four bytes": lambda: HEADER + "😀".encode() * (MAX_FILE // 4 - 10),
    "zeros": lambda: bytes(MAX_FILE),
}


class Watched:
    """An app, and how long its event loop was held while it answered, from one turn to the next."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.held: list[float] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async with turns() as self.held:
            await self._app(scope, receive, send)


async def posted(app: Watched, project: str, data: bytes, **fields: str) -> Answer:
    """The answer to a dry run of the file."""
    form = {"kind": "customers", "import_id": str(uuid4()), **fields}
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in form.items()]
    start = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts)
    start += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    body = b"".join((start.encode(), data, f"\r\n--{BOUNDARY}--\r\n".encode()))
    headers = {
        **await session_headers(project, "marketer"),
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    with serving(app) as url:
        port = urlsplit(url).port
        assert port is not None
        return await call(port, "POST", "/api/v1/imports?dry_run=true", headers, body)


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_that_is_refused_does_not_hold_the_loop(
    project: str, function: Callable[[], ModuleType], kind: str
) -> None:
    app = Watched(function().app)
    mapping = json.dumps({"Customer ID": "customer_id", "Full name": "name"})
    answer = await posted(app, project, FILES[kind](), mapping=mapping)
    assert answer.status == 422, answer.body[:500]
    assert max(app.held) < MOST_BLOCKED, sorted(app.held)[-5:]


async def test_a_file_that_is_imported_does_not_hold_the_loop(
    project: str, function: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many rows as a file may have, in 25 MiB. The call checks as many as it can in a few seconds."""
    monkeypatch.setattr("campaigns_api.imports.MAX_SECONDS", 5.0)
    name = b"x" * (MAX_FILE // MAX_ROWS - 12)
    rows = b"".join(b"C-%06d,%b\n" % (number, name) for number in range(MAX_ROWS))
    app = Watched(function().app)
    mapping = json.dumps({"Customer ID": "customer_id", "Full name": "name"})
    answer = await posted(app, project, HEADER + rows, mapping=mapping)
    assert answer.status == 200, answer.body[:500]
    assert json.loads(answer.body)["rows"] == MAX_ROWS
    assert max(app.held) < MOST_BLOCKED, sorted(app.held)[-5:]
