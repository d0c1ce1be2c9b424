import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform.webhooks import Signatures, WebhookSender

OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 24).decode()
BODY = b'{"a": "\xc3\xa9"}'


def headers(
    secret: str = NEW, body: bytes = BODY, at: datetime | None = None, **changes: str
) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }
    return {**signed, **{name.replace("_", "-"): value for name, value in changes.items()}}


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_of_several_secrets_counts(secret: str) -> None:
    Signatures([NEW, OLD]).check(BODY, headers(secret))


def test_one_good_signature_of_several_is_enough() -> None:
    both = f"{headers(OLD)['webhook-signature']} {headers(NEW)['webhook-signature']}"
    Signatures([NEW]).check(BODY, headers(webhook_signature=both))


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_may_differ_by_some_minutes(minutes: int) -> None:
    Signatures([NEW]).check(BODY, headers(at=datetime.now(UTC) + timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    "bad",
    [
        dict,
        lambda: headers(OLD),
        lambda: headers(body=b'{"a": 1}'),
        lambda: headers(at=datetime.now(UTC) - timedelta(minutes=6)),
        lambda: headers(at=datetime.now(UTC) + timedelta(minutes=6)),
        lambda: headers(webhook_id="msg_2"),
        lambda: headers(webhook_timestamp="yesterday"),
        lambda: headers(webhook_timestamp="nan"),
        lambda: headers(webhook_signature="v1"),
        lambda: headers(webhook_signature="v1,"),
        lambda: headers(webhook_signature="v1,x"),
        lambda: headers(webhook_signature="v2," + headers()["webhook-signature"][3:]),
        lambda: headers(webhook_signature=""),
    ],
)
def test_anything_else_is_refused(bad: Callable[[], dict[str, str]]) -> None:
    with pytest.raises(Unauthenticated):
        Signatures([NEW]).check(BODY, bad())


def test_a_body_that_is_not_text_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        Signatures([NEW]).check(b"\xff", headers())


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "whsec_é", "x"])
def test_a_weak_secret_stops_the_start(secret: str) -> None:
    with pytest.raises(ValueError, match="A webhook secret"):
        Signatures([NEW, secret])


def test_no_secret_stops_the_start() -> None:
    with pytest.raises(ValueError, match="At least one"):
        Signatures([])


class Receiver:
    """A server that keeps what is posted to it and answers `status`."""

    def __init__(self) -> None:
        self.status = 202
        self.calls: list[tuple[bytes, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.calls.append((body, dict(self.headers)))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


async def test_a_sent_webhook_has_a_valid_signature(receiver: Receiver) -> None:
    text = json.dumps({"name": "Zoë"}, ensure_ascii=False)
    await WebhookSender(receiver.url, NEW).post(text, datetime.now(UTC))
    ((body, sent),) = receiver.calls
    Signatures([NEW]).check(body, {name.lower(): value for name, value in sent.items()})
    assert body.decode() == text


async def test_the_same_body_keeps_its_id(receiver: Receiver) -> None:
    sender = WebhookSender(receiver.url, NEW)
    for body in ("1", "1", "2"):
        await sender.post(body, datetime.now(UTC))
    ids = [sent["webhook-id"] for _, sent in receiver.calls]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("status", [301, 400, 401, 429, 503])
async def test_a_receiver_that_does_not_take_it_is_unavailable(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(Unavailable, match=str(status)):
        await WebhookSender(receiver.url, NEW).post("{}", datetime.now(UTC))


async def test_a_receiver_that_is_away_is_unavailable(receiver: Receiver) -> None:
    receiver.server.shutdown()
    receiver.server.server_close()
    with pytest.raises(Unavailable):
        await WebhookSender(receiver.url, NEW).post("{}", datetime.now(UTC))
