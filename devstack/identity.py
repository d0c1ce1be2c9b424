"""The local identity issuer: it signs the tokens that Google signs in production.

The functions verify them through the same code as Google's, pointed at `/identity/certs`.
"""

import re
import time
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import serialization
from google.auth import crypt, jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm.entry.problems import problem
from crm.kernel.errors import FieldError

CLIENT_ID = "crm-local"
"""Audience of the tokens that sign people in."""

PUSH_AUDIENCE = "crm-local-push"
PUSH_ACCOUNT = "push@crm-local.iam.gserviceaccount.com"
"""Whom push subscriptions and the scheduler speak as."""

_HOUR = 3600
_YEAR = 365 * 24 * _HOUR
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Issuer:
    """Signs RS256 tokens in the name of `url` with the key `signing_key` (PEM)."""

    def __init__(self, url: str, signing_key: str) -> None:
        private = serialization.load_pem_private_key(signing_key.encode(), password=None)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        key_id = sha256(public).hexdigest()[:16]
        self.certificates = {key_id: public.decode()}
        self._url = url
        self._signer = crypt.RSASigner.from_string(signing_key, key_id)

    def person(self, email: str, name: str, nonce: str = "") -> str:
        """A token like the one that a browser gets from Google sign-in; valid for an hour."""
        claims = {"name": name, **({"nonce": nonce} if nonce else {})}
        return self._sign(CLIENT_ID, email, _HOUR, claims)

    def machine(self) -> str:
        """A token for push subscriptions and the scheduler; it outlives any run of the stack."""
        return self._sign(PUSH_AUDIENCE, PUSH_ACCOUNT, _YEAR, {})

    def _sign(self, audience: str, email: str, seconds: int, claims: dict[str, str]) -> str:
        now = int(time.time())
        token: bytes = jwt.encode(
            self._signer,
            {
                "iss": self._url,
                "aud": audience,
                "sub": sha256(email.encode()).hexdigest()[:21],
                "email": email,
                "email_verified": True,
                "iat": now,
                "exp": now + seconds,
                **claims,
            },
        )
        return token.decode()


def routes(issuer: Issuer) -> list[Route]:
    """`GET /identity/certs` → {key id: PEM}, and tokens of people.

    `POST /identity/token {"email", "name"?, "nonce"?}` → {"credential"}. A token
    without a nonce of the campaigns function signs nobody in.
    """

    async def certs(_: Request) -> Response:
        return JSONResponse(issuer.certificates, headers={"Cache-Control": "public, max-age=300"})

    async def token(request: Request) -> Response:
        try:
            body: Any = await request.json()
        except ValueError:
            return problem(400, "The body is not valid JSON.")
        email = body.get("email") if isinstance(body, dict) else None
        if not isinstance(email, str) or not _EMAIL.fullmatch(email):
            fault = FieldError("email", "must be an e-mail address")
            return problem(422, "The request is not valid.", [fault])
        name = str(body.get("name") or email.partition("@")[0].title())
        credential = issuer.person(email.lower(), name, str(body.get("nonce") or ""))
        return JSONResponse({"credential": credential}, headers={"Cache-Control": "no-store"})

    return [
        Route("/identity/certs", certs),
        Route("/identity/token", token, methods=["POST"]),
    ]
