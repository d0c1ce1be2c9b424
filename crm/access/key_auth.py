"""Authentication by API key: `Authorization: Bearer <key>`."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from crm.access.api_keys import ApiKey
from crm.access.route_rules import RouteRule
from crm.entry.bearer import bearer_token
from crm.kernel.errors import Forbidden, Unauthenticated


class KeyAuth:
    """Authenticates requests by their API key, and authorises them by its scopes."""

    def __init__(self, verify: Callable[[str], Awaitable[ApiKey]]) -> None:
        """`verify` returns the key of a text. It raises Unauthenticated, Unavailable."""
        self._verify = verify

    async def __call__(self, request: Request, rule: RouteRule) -> ApiKey:
        """The key of a request.

        Raises Unauthenticated without a valid one, Forbidden without the scope of the rule, Unavailable.
        """
        text = bearer_token(request)
        if not text:
            raise Unauthenticated("This needs an API key: Authorization: Bearer <key>.")
        key = await self._verify(text)
        if rule.needs not in key.scopes:
            has = ", ".join(key.scopes) or "none"
            raise Forbidden(f"This needs a key with the scope {rule.needs}; the scopes of this one: {has}.")
        return key
