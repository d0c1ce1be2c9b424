"""Authentication by API key: `Authorization: Bearer <key>`."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from crm.kernel.errors import Unauthenticated

_bearer = HTTPBearer(auto_error=False, scheme_name="API key", description="An API key of the ingest API.")


def key_required(verify: Callable[[str], Awaitable[object]]) -> Callable[..., Awaitable[None]]:
    """A dependency that raises Unauthenticated without a key, and whatever `verify` raises for it."""

    async def dependency(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> None:
        if credentials is None:
            raise Unauthenticated("This needs an API key: Authorization: Bearer <key>.")
        await verify(credentials.credentials)

    return dependency
