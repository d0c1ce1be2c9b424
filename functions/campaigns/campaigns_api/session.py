"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.services import Here, Viewer
from campaigns_api.shapes import Shape
from crm.access.members import Person, Role
from crm.access.session_auth import COOKIE, require_header
from crm.access.sessions import LIFETIME
from crm.access.usecases.sign_in import refused_sign_in, sign_in
from crm.entry.bodies import Body
from crm.kernel.errors import Forbidden
from crm.platform.clock import now

router = APIRouter(prefix="/session", tags=["session"])


class SignIn(Body):
    """The ID token that the page got from Google, and the nonce it had asked to be put into it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"credential": "eyJhbGciOiJSUzI1NiIsImtpZCI…"}]}
    )

    credential: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    nonce: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None


class SessionShape(Shape):
    """Who is signed in."""

    email: str = Field(examples=["marketer@example.com"])
    name: str = Field(examples=["Mira"])
    role: Role


class ConfigShape(Shape):
    """How to sign in, and where the project is. `identity_url` is set where the stack runs its own issuer."""

    client_id: str = Field(examples=["1234.apps.googleusercontent.com"])
    identity_url: str | None = None
    time_zone: str = Field(examples=["Europe/London"])
    currency: str | None = Field(default=None, examples=["GBP"])


@router.get("/config")
async def config(here: Here) -> ConfigShape:
    """What the page needs in order to sign somebody in, and to show times and money. Public."""
    settings = here.settings
    return ConfigShape(
        client_id=settings.client_id,
        identity_url=settings.identity_url or None,
        time_zone=settings.time_zone,
        currency=settings.currency or None,
    )


@router.post("", dependencies=[Depends(require_header)])
async def create(body: SignIn, request: Request, response: Response, here: Here) -> SessionShape:
    """Verify the ID token and begin a session of twelve hours in an HttpOnly cookie."""
    origin = request.headers.get("origin")
    if origin is not None and origin not in here.settings.origins:
        raise Forbidden("Sign-in is not allowed from this origin.")
    claims = await here.id_tokens.verify(body.credential, here.settings.client_id)
    try:
        person = await sign_in(claims, body.nonce, here.settings.hosted_domain, here.members)
    except Forbidden as error:
        await here.audit_log.begin(refused_sign_in(claims, str(error), now()))
        raise
    async with here.act(person.email, "session.begin", person.email, person.role):
        cookie = here.sessions.issue(Person(email=person.email, name=person.name))
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=LIFETIME,
        path="/",
        secure=here.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return SessionShape.model_validate(person)


@router.get("")
async def show(person: Viewer) -> SessionShape:
    """Who is signed in."""
    return SessionShape.model_validate(person)


@router.delete("", status_code=204, dependencies=[Depends(require_header)])
async def end(response: Response, here: Here) -> None:
    """End the session; without one, too."""
    response.delete_cookie(
        COOKIE, path="/", secure=here.settings.secure_cookies, httponly=True, samesite="lax"
    )
