"""A customer as one line of a list."""

from datetime import datetime

from campaigns_api.responses import ResponseModel


class PersonResponse(ResponseModel):
    """A customer in a list. Money is in units of the currency."""

    customer_id: str
    name: str | None
    email: str | None
    phone: str | None
    city: str | None
    country: str | None
    tags: list[str]
    consent: bool
    visits: int | None
    created_at: datetime | None
    last_active_at: datetime | None
    total_spend: float
    order_count: int
    last_order_at: datetime | None


class MatchedResponse(PersonResponse):
    """A customer whom the rules match; `reason` says why they cannot be reached, null where they can."""

    reason: str | None
