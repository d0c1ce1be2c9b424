"""Lets a call in before its body is read, as `crm.access.route_rules` says for its route."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request

from crm.access.api_keys import SCOPES
from crm.access.members import ROLES
from crm.access.rate_limits import RateLimits
from crm.access.route_rules import FILE, MIB, RULES_OF, Needs, RouteRule
from crm.access.session_auth import COOKIE, RoleTooLow
from crm.entry.body_limits import BoundedRequest, LimitedBody, UnprovenBytes
from crm.entry.problems import MEDIA_TYPE
from crm.entry.routing import GatedRoute, set_gate
from crm.entry.slots import Slots
from crm.kernel.errors import Forbidden, Unauthenticated

Kind = Literal["session", "key", "push", "signature", "vendor_key", "token"]
"""What proves a caller."""

_OTHER_KINDS: Final[Mapping[Needs, Kind]] = {
    "push": "push",
    "signature": "signature",
    "vendor key": "vendor_key",
    "token": "token",
}

Check = Callable[[Request, RouteRule, Callable[[], None]], Awaitable[object]]
"""The caller of a request. Raises Unauthenticated, Forbidden, TooManyRequests, Unavailable.

Before a step that costs more than arithmetic and that a forged credential can cause, it calls its third
argument, which raises TooManyRequests. Only signatures read the body.
"""

RefusedMember = Callable[[Request, str, RoleTooLow], Awaitable[None]]
"""Hears of a call that a member's role does not allow: the request, and the route as the rules name it."""

MAX_UNPROVEN: Final = 16 * MIB
"""Bytes that one process holds of bodies whose signature is not verified yet."""

MAX_FILES: Final = 10
"""Files that one process receives or holds at the same time."""

_SCHEMES: Final[Mapping[str, Mapping[str, str]]] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Set by POST /api/v1/session.",
    },
    "key": {"type": "http", "scheme": "bearer", "description": "An API key of the ingest API."},
}
"""The kinds of needs that OpenAPI has words for."""

_TOO_MANY: Final[Mapping[str, Any]] = {
    "description": "Too many calls: the next may follow after `Retry-After` seconds.",
    "headers": {
        name: {"description": text, "schema": {"type": kind}}
        for name, text, kind in (
            ("Retry-After", "Seconds.", "integer"),
            ("RateLimit-Policy", "The budget: `q` calls in `w` seconds.", "string"),
            ("RateLimit", "`r` calls are left; all are back in `t` seconds.", "string"),
        )
    },
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
"""The answer to calls beyond a budget, for OpenAPI."""

_SCHEME_NAMES: Final = {"session": "Session", "key": "API key"}


class RouteGate:
    """Finds a route's rule, bounds rate and body, and checks who calls: then `request.state.caller`."""

    def __init__(
        self,
        app: FastAPI,
        rules: Mapping[str, RouteRule],
        checks: Mapping[Kind, Check],
        limits: RateLimits,
        refused_member: RefusedMember | None = None,
    ) -> None:
        """Raises ValueError unless each route of `app` has one rule, and each rule a route and a check."""
        self._table = rules
        self._checks = checks
        self._limits = limits
        self._refused_member = refused_member
        self._unproven = UnprovenBytes(MAX_UNPROVEN)
        self._files = Slots(MAX_FILES, 0, "Too many files are being received. Send it again in a moment.")
        self._names = {id(route): name for route, name in _paired(app, rules)}
        missing = {str(kind_of(rule.needs)) for rule in rules.values()} - {*map(str, checks), "None"}
        if missing:
            raise ValueError(f"nothing checks {', '.join(sorted(missing))}")

    async def admit(self, request: Request, route: APIRoute) -> Request:
        """The request with a bounded body. Raises what the check raises, and HTTPException 408, 413, 415."""
        name = self._names[id(route)]
        rule = self._table[name]
        kind = kind_of(rule.needs)
        if rule.needs == "visitor" and rule.rate is not None:
            self._limits.require_trust(request)
        if kind == "signature":
            return await self._signed(request, name)
        if kind is not None:
            request.state.caller = await self._proven(kind, request, name)
        if rule.rate is not None:
            self._limits.take(request, rule.rate, getattr(request.state, "caller", None))
        body = LimitedBody(request, rule.max_body)
        return (BoundedRequest if rule.is_from_our_pages else Request)(request.scope, body)

    async def _signed(self, request: Request, name: str) -> Request:
        """A signature covers the body, which therefore is read here, within a bound over all such calls."""
        with self._unproven.share() as share:
            signed = Request(request.scope, LimitedBody(request, self._table[name].max_body, share))
            request.state.caller = await self._proven("signature", signed, name)
        return signed

    async def _proven(self, kind: Kind, request: Request, name: str) -> object:
        """What the check says, which is noted for the limit of refused authentications.

        Raises TooManyRequests in place of a refusal beyond that limit.
        """

        def require_trust() -> None:
            self._limits.require_trust(request)

        try:
            caller = await self._checks[kind](request, self._table[name], require_trust)
        except (Unauthenticated, Forbidden, HTTPException) as error:
            # HTTPException: an unproven body, too large or slow.
            if isinstance(error, RoleTooLow) and self._refused_member is not None:
                await self._refused_member(request, name, error)
            self._limits.refuse(request)
            raise
        if kind == "signature":
            self._limits.trust(request)
        return caller

    def room(self, route: APIRoute) -> AbstractAsyncContextManager[None]:
        """Hold room for a file during the block; other bodies are small. Raises Unavailable for too many."""
        return self._files.one() if self._rule_of(route).max_body >= FILE else nullcontext()

    def note_refusal(self, request: Request, route: APIRoute) -> None:
        """Count what the sign-in refused. Others whom a route refuses have proven who they are."""
        if self._rule_of(route).needs == "visitor":
            self._limits.refuse(request)

    def _rule_of(self, route: APIRoute) -> RouteRule:
        return self._table[self._names[id(route)]]

    def describe(self, document: dict[str, Any]) -> None:
        """Say of each operation what it needs: in `x-needs`, and in `security` where OpenAPI can say it."""
        used = {}
        components = document.setdefault("components", {})
        components["responses"] = {"TooManyCalls": _TOO_MANY}
        for name, rule in self._table.items():
            method, path = name.split(" ")
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is None:
                continue
            operation["x-needs"] = rule.needs
            if rule.rate is not None or kind_of(rule.needs) is not None:
                operation["responses"].setdefault("429", {"$ref": "#/components/responses/TooManyCalls"})
            kind = kind_of(rule.needs)
            if kind in _SCHEME_NAMES:
                used[_SCHEME_NAMES[kind]] = _SCHEMES[kind]
                operation["security"] = [{_SCHEME_NAMES[kind]: []}]
        if used:
            components["securitySchemes"] = used


def install(
    app: FastAPI,
    function: str,
    checks: Mapping[Kind, Check],
    limits: RateLimits,
    refused_member: RefusedMember | None = None,
) -> None:
    """Let the rules of `function` decide on every call of `app`, to be called after all routes are mounted.

    Raises ValueError where a route has no rule, so that the function does not start.
    """
    set_gate(app, RouteGate(app, RULES_OF[function], checks, limits, refused_member))


def kind_of(needs: Needs) -> Kind | None:
    """Which check proves it; None where nothing has to be proven before the route runs."""
    if needs == "visitor" or needs in ROLES:
        return "session"
    if needs in SCOPES:
        return "key"
    return _OTHER_KINDS.get(needs)


def _paired(app: FastAPI, rules: Mapping[str, RouteRule]) -> Iterator[tuple[APIRoute, str]]:
    named = set(rules)
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, GatedRoute):
            raise ValueError(f"{context.path} is not a gated route")
        for method in context.methods or ():
            name = f"{method} {context.path}"
            if name not in named:
                raise ValueError(f"no rule, or a second route, for {name}")
            named.remove(name)
            yield route, name
    if named:
        raise ValueError(f"no route for {', '.join(sorted(named))}")
