"""A customer as one line of a list."""

from typing import Any

from pydantic import ConfigDict, Field

from campaigns_api.field_models import PersonFields
from campaigns_api.responses import ResponseModel
from crm.customers.customer_key import customer_key


def _has_key(schema: dict[str, Any]) -> None:
    """The key is always there, though nobody gives it."""
    schema["required"] = [*schema["required"], "key"]


class Keyed(ResponseModel):
    """Something about one customer: their id, and the key that stands for it in paths and bodies."""

    model_config = ConfigDict(json_schema_extra=_has_key)

    customer_id: str
    key: str = Field(default_factory=lambda known: customer_key(known["customer_id"]))


class PersonResponse(Keyed, PersonFields):
    """A customer in a list. Money is in units of the currency."""


class MatchedResponse(PersonResponse):
    """A customer whom the rules match; `reason` says why they cannot be reached, null where they can."""

    reason: str | None
