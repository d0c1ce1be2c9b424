"""Base models of responses."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from crm.entry import docs

T = TypeVar("T")


class ResponseModel(BaseModel):
    """A part of a response, made from domain objects or from keywords."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(ResponseModel, Generic[T]):
    """A page of a list. `next_cursor` requests the next page; null at the end."""

    data: list[T]
    next_cursor: str | None = None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`Page[SegmentResponse]` → `SegmentPage`, which names the schema in OpenAPI."""
        name: str = params[0].__name__
        return f"{name.removesuffix('Response')}Page"


_DOCUMENTED = docs.problems(400, 401, 403, 404, 409, 413, 422, 503)

PROBLEMS: dict[int | str, dict[str, Any]] = {
    **_DOCUMENTED,
    401: {**_DOCUMENTED[401], "description": "There is no session, or it is over."},
    403: {
        **_DOCUMENTED[403],
        "description": "Your role does not allow it, or `X-Requested-With: crm` is missing.",
    },
}
"""The errors of any route for signed-in people."""
