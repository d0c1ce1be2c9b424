"""Signing in and out."""

import logging
from dataclasses import replace
from typing import Annotated

from fastapi import Request, Response
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.responses import ResponseModel
from campaigns_api.services import AppServices, Caller, CallOrigin, Services
from crm.access import nonces
from crm.access.members import Role, Session, SignedIn
from crm.access.origins import Origin
from crm.access.refused_sign_ins import MESSAGE, RefusedSignIn, event_of, pseudonym
from crm.access.session_auth import COOKIE
from crm.access.sessions import LIFETIME, new_id
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import Unauthenticated
from crm.platform.clock import now

logger = logging.getLogger(__name__)

router = Router(prefix="/session", tags=["session"])


class SignIn(RequestModel):
    """The ID token that the page got from Google for a nonce of ours."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"credential": "eyJhbGciOiJSUzI1NiIsImtpZCI…"}]}
    )

    credential: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class NonceResponse(ResponseModel):
    """A nonce to request one ID token with, and for how many seconds it can be used."""

    nonce: str = Field(examples=["IjhmM2Ei.aFq1yw.Zk3…"])
    expires_in: int = Field(examples=[600])


class SessionResponse(ResponseModel):
    """Who is signed in."""

    email: str = Field(examples=["marketer@example.com"])
    name: str = Field(examples=["Mira"])
    role: Role


class ConfigResponse(ResponseModel):
    """How to sign in, the project's settings, and the version that runs.

    `identity_url` is set if the stack runs its own issuer.
    """

    client_id: str = Field(examples=["1234.apps.googleusercontent.com"])
    identity_url: str | None = None
    time_zone: str = Field(examples=["Europe/London"])
    currency: str | None = Field(default=None, examples=["GBP"])
    version: str = Field(examples=["v1.2.0"])


@router.get("/config")
async def config(services: Services) -> ConfigResponse:
    """What the page needs for signing in and for showing times and money. Public."""
    settings = services.settings
    return ConfigResponse(
        client_id=settings.client_id,
        identity_url=settings.identity_url or None,
        time_zone=settings.time_zone,
        currency=settings.currency or None,
        version=settings.version,
    )


@router.post("/nonce")
async def nonce(services: Services) -> NonceResponse:
    """A nonce for one sign-in. Ask for the ID token with it: no other ID token is accepted."""
    return NonceResponse(nonce=services.nonces.issue(), expires_in=int(nonces.LIFETIME.total_seconds()))


@router.post("")
async def create(body: SignIn, response: Response, services: Services, origin: CallOrigin) -> SessionResponse:
    """Verify the ID token and begin a session of twelve hours in an HttpOnly cookie.

    Each ID token is accepted once, within ten minutes of its nonce.
    """
    try:
        person = replace(await _sign_in(body.credential, services), origin=origin)
    except (Unauthenticated, RefusedSignIn) as error:
        await _record_refusal(error, services, origin)
        raise
    async with services.audited(person, "session.begin", person.email, person.role):
        cookie = services.sessions.issue(person.session)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return SessionResponse.model_validate(person)


@router.get("")
async def show(person: Caller) -> SessionResponse:
    """Who is signed in."""
    return SessionResponse.model_validate(person)


@router.delete("", status_code=204)
async def end(
    request: Request, response: Response, services: Services, origin: CallOrigin, everywhere: bool = False
) -> None:
    """End the session, if there is one, within a minute in all copies of its cookie.

    With `everywhere` all sessions of its member end.
    """
    session = _session_of(request, services)
    if session is not None:
        member = await services.members.find(session.email)
        if member is not None and member.holds(session):
            detail = "everywhere" if everywhere else ""
            person = SignedIn(session=session, role=member.role, origin=origin)
            async with services.audited(person, "session.end", person.email, detail):
                await services.members.end_session(session, now(), everywhere)
    response.delete_cookie(
        COOKIE, path="/", secure=services.settings.secure_cookies, httponly=True, samesite="lax"
    )


async def _sign_in(credential: str, services: AppServices) -> SignedIn:
    claims = await services.id_tokens.verify(credential, services.settings.client_id)
    return await services.sign_in(claims, new_id(), now())


async def _record_refusal(
    error: Unauthenticated | RefusedSignIn, services: AppServices, origin: Origin
) -> None:
    """Log a refusal; write it into the audit log only where the address is a member's."""
    refused = {"reason": str(error)}
    if isinstance(error, RefusedSignIn):
        key = services.settings.session_secrets[0]
        refused = {"reason": error.reason, "address": pseudonym(key, error.email)}
    logger.warning(MESSAGE, extra={"ids": refused})
    if isinstance(error, RefusedSignIn) and error.is_member:
        await services.audit_log.begin(event_of(error, now(), origin))


def _session_of(request: Request, services: AppServices) -> Session | None:
    try:
        return services.sessions.verify(request.cookies.get(COOKIE, ""))
    except Unauthenticated:
        return None
