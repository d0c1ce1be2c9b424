"""What each route of each function needs of its caller, and how large a body it takes.

The functions enforce this table (`crm.access.gate`): a route that is not in it keeps its function from
starting. docs/roles.md shows it, and a test compares the two.

Roles: a *viewer* reads figures, segments and one person at a time. Lists and files of people, which is
personal data in bulk, need a *marketer*, who also builds and sends. An *admin* manages members, keys, webhook
secrets and erasure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from crm.access.api_keys import Scope
from crm.access.members import ROLES, Role
from crm.access.rate_budgets import RateClass

Needs = Literal["public", "visitor", "token", "push", "signature", "vendor key"] | Role | Scope
"""What a caller has to have.

`public`: nothing. `visitor`: nothing, but only from pages of the web app. A role: a session. A scope: an API
key with it. `token`: a signed token in the path; without a valid one, the route says that the link is wrong.
`push`: the identity token of our subscriptions and scheduler. `signature`: a webhook's. `vendor key`: the
simulated vendor's.
"""

KIB: Final = 1024
MIB: Final = 1024 * KIB

SMALL: Final = 16 * KIB
"""A form with a few fields; also for routes without a body."""

MESSAGE: Final = 256 * KIB
"""A message and whom to show it for. Templates may have 12,000 characters, of up to 12 bytes each as JSON."""

RULES: Final = MIB
"""Rules are stored in one document, which Firestore limits to 1 MiB."""

RECORD: Final = 256 * KIB
"""One customer or order with all its attributes."""

RECEIPTS: Final = 2 * MIB
"""A thousand receipts."""

BATCH: Final = 10 * MIB
"""A thousand records or messages, or a push."""

FILE: Final = 26 * MIB
"""A file of 25 MiB, and the form around it."""


@dataclass(frozen=True, slots=True)
class RouteRule:
    """What a route needs, the largest body in bytes that it takes, and how often it may be called."""

    needs: Needs
    max_body: int = SMALL
    rate: RateClass | None = "default"
    """The budget that calls are taken from; None where calls are not limited."""

    @property
    def is_from_our_pages(self) -> bool:
        """Whether browsers call it with a cookie, so that writes must not come from pages of other sites."""
        return self.needs == "visitor" or self.needs in ROLES


def _documented(prefix: str) -> dict[str, RouteRule]:
    names = ("openapi.json", "docs", "docs/start.js", "docs/{name}")
    return {f"GET {prefix}/{name}": RouteRule("public", rate="docs") for name in names}


_HEALTH: Final = {f"GET {path}": RouteRule("public", rate=None) for path in ("/health", "/ready")}
"""Not limited: they cost as little as a refusal, and what watches the functions calls them."""

_PUSH: Final = RouteRule("push", BATCH, rate=None)

_API: Final = "/api/v1"

_CAMPAIGNS: Final[Mapping[str, RouteRule]] = {
    "GET /session/config": RouteRule("public", rate="public"),
    "POST /session/nonce": RouteRule("visitor", rate="sign_in"),
    "POST /session": RouteRule("visitor", rate="sign_in"),
    "GET /session": RouteRule("viewer"),
    "DELETE /session": RouteRule("visitor", rate=None),  # who floods sign-ins must not keep sessions alive
    "GET /limits": RouteRule("viewer"),
    "GET /overview": RouteRule("viewer"),
    "POST /customers/search": RouteRule("marketer"),
    "GET /customers/{key}": RouteRule("viewer"),
    "GET /customers/{key}/segments": RouteRule("viewer"),
    "GET /customers/{key}/export": RouteRule("marketer", rate="exports"),
    "PUT /customers/{key}/suppressions": RouteRule("marketer"),
    "DELETE /customers/{key}": RouteRule("admin"),
    "GET /segments": RouteRule("viewer"),
    "POST /segments": RouteRule("marketer", RULES),
    "GET /segments/fields": RouteRule("viewer"),
    "GET /segments/{id}": RouteRule("viewer"),
    "PUT /segments/{id}": RouteRule("marketer", RULES),
    "DELETE /segments/{id}": RouteRule("marketer"),
    "GET /segments/{id}/versions": RouteRule("viewer"),
    "GET /segments/{id}/snapshots": RouteRule("viewer"),
    "POST /segments/{id}/snapshots": RouteRule("marketer"),
    "POST /segments/{id}/changes": RouteRule("viewer"),
    "POST /audience/preview": RouteRule("viewer", RULES, rate="previews"),
    "POST /audience/explain": RouteRule("viewer", RULES, rate="previews"),
    "GET /messages/variables": RouteRule("viewer"),
    "POST /messages/preview": RouteRule("viewer", MESSAGE, rate="previews"),
    "POST /messages/previews": RouteRule("marketer", MESSAGE, rate="previews"),
    "GET /imports": RouteRule("marketer"),
    "POST /imports": RouteRule("marketer", FILE, rate="imports"),
    "POST /imports/columns": RouteRule("marketer", FILE, rate="imports"),
    "GET /imports/{id}": RouteRule("marketer"),
    "GET /imports/{id}/results.csv": RouteRule("marketer", rate="exports"),
    "GET /campaigns": RouteRule("viewer"),
    "POST /campaigns": RouteRule("marketer", RULES),
    "GET /campaigns/estimate": RouteRule("viewer"),
    "GET /campaigns/{id}": RouteRule("viewer"),
    "PUT /campaigns/{id}": RouteRule("marketer", RULES),
    "DELETE /campaigns/{id}": RouteRule("marketer"),
    "POST /campaigns/{id}/launch": RouteRule("marketer"),
    "POST /campaigns/{id}/pause": RouteRule("marketer"),
    "POST /campaigns/{id}/resume": RouteRule("marketer"),
    "POST /campaigns/{id}/rate": RouteRule("marketer"),
    "POST /campaigns/{id}/cancel": RouteRule("marketer"),
    "POST /campaigns/{id}/unschedule": RouteRule("marketer"),
    "POST /campaigns/{id}/retry-failed": RouteRule("marketer"),
    "POST /campaigns/{id}/resolve": RouteRule("marketer"),
    "POST /campaigns/{id}/test": RouteRule("marketer", rate="test_sends"),
    "GET /campaigns/{id}/timeline": RouteRule("viewer"),
    "GET /campaigns/{id}/log": RouteRule("marketer"),
    "GET /campaigns/{id}/log.csv": RouteRule("marketer", rate="exports"),
    "POST /sample": RouteRule("marketer"),
    "DELETE /sample": RouteRule("marketer"),
    "GET /keys": RouteRule("admin"),
    "POST /keys": RouteRule("admin"),
    "DELETE /keys/{id}": RouteRule("admin"),
    "GET /members": RouteRule("admin"),
    "POST /members": RouteRule("admin"),
    "PUT /members/{id}": RouteRule("admin"),
    "DELETE /members/{id}": RouteRule("admin"),
    "GET /webhook-secrets": RouteRule("admin"),
    "POST /webhook-secrets": RouteRule("admin"),
    "DELETE /webhook-secrets/{id}": RouteRule("admin"),
    "GET /audit": RouteRule("admin"),
    "GET /audit.csv": RouteRule("admin", rate="exports"),
}
"""Below `_API`."""


def _below(prefix: str, rules: Mapping[str, RouteRule]) -> dict[str, RouteRule]:
    return {route.replace(" ", f" {prefix}", 1): rule for route, rule in rules.items()}


RULES_OF: Final[Mapping[str, Mapping[str, RouteRule]]] = {
    "ingest": {
        "POST /api/v1/ingest/customers": RouteRule("ingest:customers", RECORD, rate="ingest"),
        "POST /api/v1/ingest/customers/batch": RouteRule("ingest:customers", BATCH, rate="ingest"),
        "POST /api/v1/ingest/orders": RouteRule("ingest:orders", RECORD, rate="ingest"),
        "POST /api/v1/ingest/orders/batch": RouteRule("ingest:orders", BATCH, rate="ingest"),
        **_documented("/api/v1/ingest"),
        **_HEALTH,
    },
    "consumer": {
        "POST /events/records": _PUSH,
        "POST /events/dead-letters": _PUSH,
        **_HEALTH,
    },
    "campaigns": {
        **_below(_API, _CAMPAIGNS),
        **_documented(_API),
        **_HEALTH,
    },
    "deliver": {
        "POST /events/partitions": _PUSH,
        "POST /events/chunks": _PUSH,
        "POST /events/tick": _PUSH,
        **_HEALTH,
    },
    "receipts": {
        "POST /api/v1/receipts": RouteRule("signature", RECEIPTS, rate=None),
        "POST /events/receipts": _PUSH,
        "GET /api/v1/unsubscribe/{token}": RouteRule("token", rate="unsubscribe"),
        "POST /api/v1/unsubscribe/{token}": RouteRule("token", rate="unsubscribe"),
        **_documented("/api/v1/receipts"),
        **_HEALTH,
    },
    "summarize": {
        "POST /api/v1/ai/summaries": RouteRule("marketer", rate="ai"),
        **_documented("/api/v1/ai"),
        **_HEALTH,
    },
    "vendor": {
        "POST /v1/messages": RouteRule("vendor key", BATCH, rate=None),
        "GET /v1/messages/{message_id}": RouteRule("vendor key", rate=None),
        "GET /v1/ledger": RouteRule("vendor key", rate=None),
        "GET /v1/ledger/summary": RouteRule("vendor key", rate=None),
        "POST /events/vendor-callbacks": _PUSH,
        **_HEALTH,
    },
}
"""Function → method and path → rule."""
