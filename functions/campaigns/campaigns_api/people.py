"""A customer as one line of a list."""

from campaigns_api.field_models import PersonFields


class PersonResponse(PersonFields):
    """A customer in a list. Money is in units of the currency."""

    customer_id: str


class MatchedResponse(PersonResponse):
    """A customer whom the rules match; `reason` says why they cannot be reached, null where they can."""

    reason: str | None
