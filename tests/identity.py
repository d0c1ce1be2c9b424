"""Identity for tests: an issuer with RS256 keys, its certificates on a real HTTP server, and its tokens."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from crm.access.members import Member, Role, Session
from crm.access.nonces import Nonces
from crm.access.session_auth import COOKIE, WRITE_HEADER
from crm.access.sessions import Sessions, new_id
from crm.access.store.members import Members
from crm.platform.firestore.client import client

ISSUER = "https://issuer.test"
PUSH_AUDIENCE = "https://functions.test"
PUSH_ACCOUNT = "push@functions.test"
ORIGIN = "http://web.test"
SESSION_SECRET = "a secret for tests that is long enough"


def subject_of(email: str) -> str:
    """The id of the account that has this address."""
    return f"sub-{email}"


class Issuer:
    """An issuer like Google: signs tokens, and serves `{key id: PEM}` at `certs_url`.

    `fetches` counts how often the certificates were asked for; `status` is what the server answers, after
    `delay` seconds.
    """

    url = ISSUER

    def __init__(self) -> None:
        self.fetches = 0
        self.status = 200
        self.delay = 0.0
        self.max_age = 3600
        self._keys: dict[str, crypt.RSASigner] = {}
        self._public: dict[str, str] = {}
        self.rotate()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.certs_url = f"http://127.0.0.1:{self._server.server_port}/certs"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def rotate(self) -> None:
        """Sign with a new key from now on; the old ones stay among the certificates."""
        self._key_id = f"key-{len(self._keys) + 1}"
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        self._keys[self._key_id] = crypt.RSASigner.from_string(pem, self._key_id)
        self._public[self._key_id] = (
            private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def token(self, email: str, audience: str, /, **claims: Any) -> str:
        """A token that holds for an hour. `claims` add to and replace the usual ones; None leaves one out."""
        now = int(time.time())
        usual = {
            "iss": ISSUER,
            "aud": audience,
            "sub": subject_of(email),
            "email": email,
            "email_verified": True,
            "name": email.partition("@")[0].title(),
            "iat": now,
            "exp": now + 3600,
        }
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        token: bytes = jwt.encode(self._keys[self._key_id], payload)
        return token.decode()

    def sign_in_token(self, email: str, client_id: str, /, **claims: Any) -> str:
        """A token for one sign-in with SESSION_SECRET, made for a new nonce."""
        return self.token(email, client_id, **{"nonce": Nonces([SESSION_SECRET]).issue(), **claims})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Certificates(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetches += 1
                time.sleep(issuer.delay)
                body = json.dumps(issuer._public).encode()
                self.send_response(issuer.status)
                self.send_header("Cache-Control", f"public, max-age={issuer.max_age}")
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Certificates


@pytest.fixture(scope="session")
def issuer_of_run() -> Iterator[Issuer]:
    """One issuer a run: its keys take a while to make."""
    issuer = Issuer()
    yield issuer
    issuer.close()


@pytest.fixture
def issuer(issuer_of_run: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    """The issuer whose tokens count: `CRM_CERTS_URL` and `CRM_ISSUERS` point at it."""
    monkeypatch.setenv("CRM_CERTS_URL", issuer_of_run.certs_url)
    monkeypatch.setenv("CRM_ISSUERS", ISSUER)
    return issuer_of_run


@pytest.fixture
def push_headers(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The headers of a genuine push. Sets what PushGuard needs, so ask for it before loading the function."""
    monkeypatch.setenv("CRM_PUSH_AUDIENCE", PUSH_AUDIENCE)
    monkeypatch.setenv("CRM_PUSH_ACCOUNT", PUSH_ACCOUNT)
    return {"Authorization": f"Bearer {issuer.token(PUSH_ACCOUNT, PUSH_AUDIENCE)}"}


@pytest.fixture
def session_secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """The secret that signs session cookies, set as `CRM_SESSION_SECRETS`, together with the web app's
    origin."""
    monkeypatch.setenv("CRM_SESSION_SECRETS", SESSION_SECRET)
    monkeypatch.setenv("CRM_ORIGINS", ORIGIN)
    return SESSION_SECRET


async def session_headers(project: str, role: Role) -> dict[str, str]:
    """The headers of a member's browser: makes `<role>@example.com` a member and signs a session cookie.

    Signs with SESSION_SECRET: the function under test needs the fixture `session_secret`.
    """
    email = f"{role}@example.com"
    members = Members(client(project))
    member = await members.find(email) or await members.add(Member(email=email, role=role))
    member = await members.bind(member, subject_of(email))
    cookie = Sessions([SESSION_SECRET]).issue(
        Session(
            id=new_id(),
            email=email,
            name=role.title(),
            subject=subject_of(email),
            version=member.version,
        )
    )
    return {"Cookie": f"{COOKIE}={cookie}", WRITE_HEADER: "crm"}
