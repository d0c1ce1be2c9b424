"""Makes functions-framework's own answers and log those of the functions.

The framework answers `/robots.txt`, `/favicon.ico` and unknown methods itself, in plain text, and offers no
place for middleware. With LOG_EXECUTION_ID, which Cloud Run functions set, it also configures logging after
it has loaded `main.py`: its handler writes plain text, and every logger that exists is disabled. It makes its
app of the name `Starlette` in its module after all that; the name is replaced here. So is what uvicorn speaks
HTTP with: the framework starts uvicorn itself, through gunicorn where there is one.
"""

import logging
from typing import Any, Final

import functions_framework.aio
import uvicorn.config
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from crm.entry import logs, problems
from crm.entry.headers import Outermost
from crm.entry.http_protocol import BoundedHttp

logger = logging.getLogger(__name__)

STARTED: Final = "instance started"
"""The first line of every instance. The check of a deployment looks for it."""


class FrameworkApp(Starlette):
    """The app around a function."""

    def __init__(self, **options: Any) -> None:
        logs.configure()
        logger.info(STARTED)
        super().__init__(exception_handlers={HTTPException: problems.http_error}, **options)

    def build_middleware_stack(self) -> ASGIApp:
        return Outermost(super().build_middleware_stack())


def install() -> None:
    """Have the framework make a FrameworkApp and serve it over BoundedHttp. Safe to repeat."""
    functions_framework.aio.Starlette = FrameworkApp  # type: ignore[attr-defined,assignment]
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{BoundedHttp.__module__}:{BoundedHttp.__name__}"
    uvicorn.config.WS_PROTOCOLS["auto"] = None  # answers without our headers, also where no route is
