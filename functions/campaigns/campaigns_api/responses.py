"""The form of answers: models that write times in UTC with a Z and feed the documentation."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from crm.entry import docs

T = TypeVar("T")


class ResponseModel(BaseModel):
    """One thing in an answer, made from our own objects or from keywords."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(ResponseModel, Generic[T]):
    """A part of a list. `next_cursor` asks for the next part; null at the end."""

    data: list[T]
    next_cursor: str | None = None


_TOLD = docs.problems(400, 401, 403, 404, 409, 413, 422, 503)

PROBLEMS: dict[int | str, dict[str, Any]] = {
    **_TOLD,
    401: {**_TOLD[401], "description": "There is no session, or it is over."},
    403: {**_TOLD[403], "description": "Your role does not allow it, or X-Requested-With is missing."},
}
"""What may go wrong with any call of a signed-in person."""
