"""Signing in and out."""

import logging
from typing import Annotated

from fastapi import Response
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.responses import ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.members import Person, Role
from crm.access.session_auth import COOKIE
from crm.access.sessions import LIFETIME
from crm.access.usecases.sign_in import refused_sign_in
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import Forbidden, Unauthenticated
from crm.platform.clock import now

logger = logging.getLogger(__name__)

router = Router(prefix="/session", tags=["session"])


class SignIn(RequestModel):
    """The ID token that the page got from Google, and the nonce that it requested for it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"credential": "eyJhbGciOiJSUzI1NiIsImtpZCI…"}]}
    )

    credential: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    nonce: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None


class SessionResponse(ResponseModel):
    """Who is signed in."""

    email: str = Field(examples=["marketer@example.com"])
    name: str = Field(examples=["Mira"])
    role: Role


class ConfigResponse(ResponseModel):
    """How to sign in, and the project's settings. `identity_url` is set if the stack runs its own issuer."""

    client_id: str = Field(examples=["1234.apps.googleusercontent.com"])
    identity_url: str | None = None
    time_zone: str = Field(examples=["Europe/London"])
    currency: str | None = Field(default=None, examples=["GBP"])


@router.get("/config")
async def config(services: Services) -> ConfigResponse:
    """What the page needs for signing in and for showing times and money. Public."""
    settings = services.settings
    return ConfigResponse(
        client_id=settings.client_id,
        identity_url=settings.identity_url or None,
        time_zone=settings.time_zone,
        currency=settings.currency or None,
    )


@router.post("")
async def create(body: SignIn, response: Response, services: Services) -> SessionResponse:
    """Verify the ID token and begin a session of twelve hours in an HttpOnly cookie."""
    try:
        claims = await services.id_tokens.verify(body.credential, services.settings.client_id)
    except Unauthenticated as error:
        logger.warning("sign-in refused: %s", error)
        raise
    try:
        person = await services.sign_in(claims, body.nonce)
    except Forbidden as error:
        logger.warning("sign-in refused: %s", error)
        await services.audit_log.begin(refused_sign_in(claims, str(error), now()))
        raise
    async with services.audited(person.email, "session.begin", person.email, person.role):
        cookie = services.sessions.issue(Person(email=person.email, name=person.name))
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=LIFETIME,
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
async def end(response: Response, services: Services) -> None:
    """End the session, if there is one."""
    response.delete_cookie(
        COOKIE, path="/", secure=services.settings.secure_cookies, httponly=True, samesite="lax"
    )
