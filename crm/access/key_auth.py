"""Authentication by API key: `Authorization: Bearer <key>`."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from crm.access.api_keys import ApiKey
from crm.access.live_keys import RefusedKey
from crm.access.refused_callers import RefusedCallers
from crm.access.route_rules import RouteRule
from crm.entry.bearer import bearer_token
from crm.kernel.errors import Forbidden, Unauthenticated


class KeyAuth:
    """Authenticates requests by their API key, and authorises them by its scopes."""

    def __init__(self, verify: Callable[[str, Callable[[], None]], Awaitable[ApiKey]]) -> None:
        """`verify` returns the key of a text, and calls its second argument before it reads an unknown one.
        It raises Unauthenticated, TooManyRequests, Unavailable."""
        self._verify = verify
        self._refused = RefusedCallers()

    async def __call__(self, request: Request, rule: RouteRule, require_trust: Callable[[], None]) -> ApiKey:
        """The key of a request.

        Raises Unauthenticated without a valid one, Forbidden without the scope of the rule, TooManyRequests,
        Unavailable.
        """
        text = bearer_token(request)
        if not text:
            raise Unauthenticated("This needs an API key: Authorization: Bearer <key>.")
        try:
            key = await self._verify(text, require_trust)
        except RefusedKey as refused:
            self._refused.note(refused.reason, "key_id", refused.key_id)
            raise
        if rule.needs not in key.scopes:
            self._refused.note("key_scope", "key_id", key.id)
            has = ", ".join(key.scopes) or "none"
            raise Forbidden(f"This needs a key with the scope {rule.needs}; the scopes of this one: {has}.")
        return key
