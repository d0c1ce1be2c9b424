"""The form of answers: models that write times in UTC with a Z and feed the documentation."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Shape(BaseModel):
    """One thing in an answer, made from our own objects or from keywords."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(Shape, Generic[T]):
    """A part of a list. `next_cursor` asks for the next part; null at the end."""

    data: list[T]
    next_cursor: str | None = None


_PROBLEM: dict[str, Any] = {
    "application/problem+json": {
        "schema": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["path", "message"],
                        "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
                    },
                },
            },
        },
        "example": {
            "type": "about:blank",
            "title": "Unprocessable Content",
            "status": 422,
            "detail": "rules.rules.0.field: 'spend' is not a field",
            "errors": [{"path": "rules.rules.0.field", "message": "'spend' is not a field"}],
        },
    }
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is not JSON.", "content": _PROBLEM},
    401: {"description": "There is no session, or it is over.", "content": _PROBLEM},
    403: {"description": "Your role does not allow it, or X-Requested-With is missing.", "content": _PROBLEM},
    404: {"description": "There is nothing of that name.", "content": _PROBLEM},
    409: {"description": "Its state does not allow it, or somebody was faster.", "content": _PROBLEM},
    422: {"description": "What was sent is not valid; `errors` names each place.", "content": _PROBLEM},
    503: {"description": "A neighbour does not answer. Try again after Retry-After.", "content": _PROBLEM},
}
