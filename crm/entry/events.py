"""Pub/Sub pushes: the wrapped envelope, and the check that it comes from our subscription."""

import base64
import binascii
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.requests import Request

from crm.entry import logs
from crm.entry.bearer import bearer_token
from crm.kernel.errors import Forbidden, Unauthenticated
from crm.kernel.validation import refused
from crm.platform import tracing

logger = logging.getLogger(__name__)


class PushMessage(BaseModel):
    """The message of a push envelope; `data` is base64-decoded."""

    model_config = ConfigDict(populate_by_name=True)

    data: bytes = b""
    attributes: Mapping[str, str] = Field(default_factory=dict)
    message_id: str = Field(alias="messageId")
    publish_time: datetime | None = Field(None, alias="publishTime")

    @field_validator("data", mode="before")
    @classmethod
    def _decode(cls, value: Any) -> bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise ValueError("is not base64") from error


class Envelope(BaseModel):
    """The body that a push subscription posts."""

    message: PushMessage
    subscription: str = ""
    delivery_attempt: int | None = Field(None, alias="deliveryAttempt")


async def _followed(envelope: Envelope) -> Envelope:
    """Let lines of this call name the message, and the trace of the call that published it."""
    logs.about(message_id=envelope.message.message_id)
    if envelope.delivery_attempt is not None:
        logs.about(delivery_attempt=envelope.delivery_attempt)
    trace = tracing.of(envelope.message.attributes)
    if trace is not None:
        tracing.follow(trace)
        if trace.is_sampled:  # the platform's own line about this call is in another trace
            logger.info("message received from %s", envelope.subscription or "an unnamed subscription")
    return envelope


Push = Annotated[Envelope, Depends(_followed)]
"""The envelope of a push, as the parameter of a route."""

M = TypeVar("M", bound=BaseModel)


def body_of(envelope: Envelope, model: type[M]) -> M:
    """The message's JSON as `model`. Raises Invalid."""
    try:
        return model.model_validate_json(envelope.message.data)
    except ValidationError as error:
        raise refused(error, ("message", "data")) from error


class Verifier(Protocol):
    """Verifies identity tokens."""

    async def verify(self, token: str, audience: str) -> Mapping[str, Any]:
        """The token's claims. Raises Unauthenticated for an invalid token."""


class PushGuard:
    """Accepts only calls of our own subscriptions and scheduler.

    The OIDC token is in the Authorization header. The Pub/Sub emulator cannot set one, so the local stack
    puts the token into the query instead, where `in_query` allows it.
    """

    def __init__(self, verifier: Verifier, audience: str, account: str, in_query: bool = False) -> None:
        self._verifier = verifier
        self._audience = audience
        self._account = account
        self._in_query = in_query

    async def __call__(self, request: Request, *_: object) -> None:
        """Raise Unauthenticated without a valid token, Forbidden for one of another account, Unavailable."""
        token = bearer_token(request)
        if not token and self._in_query:
            token = request.query_params.get("token", "")
        if not token:
            raise Unauthenticated("A push needs the identity token of its subscription.")
        claims = await self._verifier.verify(token, self._audience)
        if claims.get("email") != self._account or claims.get("email_verified") is not True:
            raise Forbidden("This account may not push here.")
