"""Makes functions-framework's own answers those of the functions: problem+json, with the security headers.

The framework answers `/robots.txt`, `/favicon.ico` and unknown methods itself, in plain text, and offers no
place for middleware. It makes its app of the name `Starlette` in its module after it has loaded `main.py`;
that name is replaced here.
"""

from typing import Any

import functions_framework.aio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from crm.entry import problems
from crm.entry.headers import Outermost


class FrameworkApp(Starlette):
    """The app around a function."""

    def __init__(self, **options: Any) -> None:
        super().__init__(exception_handlers={HTTPException: problems.http_error}, **options)

    def build_middleware_stack(self) -> ASGIApp:
        return Outermost(super().build_middleware_stack())


def install() -> None:
    """Have the framework make a FrameworkApp. Safe to repeat."""
    functions_framework.aio.Starlette = FrameworkApp  # type: ignore[attr-defined,assignment]
