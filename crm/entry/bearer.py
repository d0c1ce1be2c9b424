"""Reads `Authorization: Bearer <token>`."""

from starlette.requests import Request


def bearer_token(request: Request) -> str:
    """The token that a request carries; empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
