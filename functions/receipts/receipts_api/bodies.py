"""What vendors post and what they are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.exceptions import HTTPException

from crm.domain.errors import FieldError, Invalid
from crm.domain.receipts import Receipt
from crm.domain.validation import found_by

MAX_RECEIPTS = 1000
"""Receipts of one call."""


class Fault(BaseModel):
    """One thing wrong with a receipt. `path` is dotted, like `receipts.3.occurred_at`."""

    path: str
    message: str


class Rejected(BaseModel):
    """A receipt that was not taken, by its place in the call."""

    index: int
    errors: list[Fault]


class Answer(BaseModel):
    """How many receipts were taken, and which were not."""

    accepted: int
    rejected: list[Rejected]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A body's receipts: the good ones, and the errors of the others by their place."""

    receipts: Sequence[Receipt]
    faults: dict[int, list[FieldError]]

    def answer(self) -> Answer:
        rejected = [
            Rejected(index=index, errors=[Fault(path=e.path, message=e.message) for e in errors])
            for index, errors in self.faults.items()
        ]
        return Answer(accepted=len(self.receipts), rejected=rejected)

    def require_all(self) -> None:
        """Raise Invalid unless all are good."""
        if self.faults:
            raise Invalid([error for errors in self.faults.values() for error in errors])


def parse(body: bytes) -> Sorted:
    """The receipts of a body, which is one receipt or `{"receipts": […]}`.

    Raises HTTPException 400 where it is not JSON, and Invalid where it is neither, holds too many, or
    is one receipt that breaks a rule. In a list a bad receipt does not stop the good ones.
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise HTTPException(400, f"The body is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise Invalid.at("body", 'must be one receipt or {"receipts": […]}')
    if "receipts" in value:
        return _sorted(_list_of(value))
    single = _sorted([value], prefix=())
    single.require_all()
    return single


def request_body() -> dict[str, Any]:
    """The body for OpenAPI. It is read raw, for its signature, so FastAPI cannot know it."""
    one = Receipt.model_json_schema()
    many = {
        "title": "Receipts",
        "type": "object",
        "required": ["receipts"],
        "additionalProperties": False,
        "properties": {"receipts": {"type": "array", "items": one, "maxItems": MAX_RECEIPTS}},
    }
    (example,) = one["examples"]
    bounce = {**example, "status": "failed", "reason": "mailbox full"}
    content = {
        "schema": {"oneOf": [one, many]},
        "examples": {
            "one": {"summary": "One receipt", "value": example},
            "many": {"summary": "Several receipts", "value": {"receipts": [example, bounce]}},
        },
    }
    return {"required": True, "content": {"application/json": content}}


def _list_of(value: dict[str, Any]) -> list[Any]:
    unknown = [FieldError(str(name)[:200], "is not a known field") for name in value if name != "receipts"]
    if unknown:
        raise Invalid(unknown)
    items = value["receipts"]
    if not isinstance(items, list):
        raise Invalid.at("receipts", "must be a list")
    if len(items) > MAX_RECEIPTS:
        raise Invalid.at("receipts", f"holds {len(items)} receipts; at most {MAX_RECEIPTS} fit into a call")
    return items


def _sorted(items: Sequence[Any], prefix: Sequence[str | int] | None = None) -> Sorted:
    receipts: list[Receipt] = []
    faults: dict[int, list[FieldError]] = {}
    for index, item in enumerate(items):
        try:
            receipts.append(Receipt.model_validate(item))
        except ValidationError as error:
            place = ("receipts", index) if prefix is None else prefix
            faults[index] = found_by(error, place)
    return Sorted(receipts, faults)
