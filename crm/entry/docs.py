"""Serves OpenAPI 3.1 and Swagger UI without third-party hosts or inline scripts.

The build copies Swagger UI's files into `static/`.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from crm.entry.problems import MEDIA_TYPE
from crm.entry.routing import gate_of

STATIC = Path(__file__).parent / "static"
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""`unsafe-inline` is for the styles that Swagger UI sets on elements."""

_CACHED = "public, max-age=86400"
"""Of Swagger UI's files, which change with a deployment only."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{base}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{base}/swagger-ui-bundle.js"></script>
<script src="{base}/start.js" data-openapi="{openapi}" id="start"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: document.getElementById("start").dataset.openapi,
  deepLinking: true,
  requestInterceptor: (request) => {
    request.headers["X-Requested-With"] = "crm";
    return request;
  },
});
"""


class FieldProblem(BaseModel):
    """One invalid place of the input. `path` is dotted, like `records.3.amount`.

    `line` and `column`, both from 1, are given for a fault within a template.
    """

    path: str
    message: str
    line: int | None = None
    column: int | None = None


class Problem(BaseModel):
    """An error in the format of RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


_DESCRIPTIONS = {
    400: "The body is not JSON.",
    401: "Nothing proves who calls: no valid API key, or no valid signature.",
    403: "This is not allowed.",
    404: "There is nothing of that name.",
    409: "The state of things does not allow this.",
    408: "The body came too slowly.",
    413: "The body is larger than this route takes.",
    415: "The body is encoded: it must come without `Content-Encoding`.",
    422: "The input breaks a rule; `errors` names each place.",
    503: "The broker or the database does not answer: send it again after `Retry-After` seconds.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _DESCRIPTIONS[status], "content": content} for status in statuses}


def body_of(*models: type[BaseModel]) -> dict[str, Any]:
    """The `openapi_extra` of a route that parses its body itself, as one of the mounted `models`."""
    references = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def mount(app: FastAPI, prefix: str, models: Sequence[type[BaseModel]] = ()) -> None:
    """Serve `<prefix>/docs` and `<prefix>/openapi.json`, for the routes mounted before.

    `models` are those that `body_of` refers to and that FastAPI does not know.
    """
    base = f"{prefix}/docs"

    @cache
    def document() -> dict[str, Any]:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            separate_input_output_schemas=False,
        )
        named: list[tuple[Any, Literal["validation"]]] = [
            (model, "validation") for model in (*models, Problem)
        ]
        _, schemas = models_json_schema(
            named,
            ref_template="#/components/schemas/{model}",
        )
        made.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        gate_of(app).describe(made)
        return made

    @app.get(f"{prefix}/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(document())

    @app.get(base, include_in_schema=False)
    async def page() -> HTMLResponse:
        text = _PAGE.format(title=app.title, base=base, openapi=f"{prefix}/openapi.json")
        return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})

    @app.get(f"{base}/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    @app.get(f"{base}/{{name}}", include_in_schema=False)
    async def asset(name: str) -> FileResponse:
        if name not in ASSETS or not (STATIC / name).is_file():
            raise HTTPException(404, "There is nothing of that name.")
        return FileResponse(STATIC / name, media_type=ASSETS[name], headers={"Cache-Control": _CACHED})
