"""`crm status`: whether the local stack is running, and what it holds."""

from pathlib import Path
from typing import Any

import httpx2
import typer
from rich.table import Table as Grid

from crm.cli.console import counted, out, plainly
from crm.cli.stack import Stack, find_stack

LOCAL_MEMBER = "viewer@example.com"
"""A member of every local stack. The stack's identity issuer signs tokens without authentication."""

PAGE = 100


def status() -> None:
    """Show the local stack: its URL, the health of each function, and how many records it holds.

    The exit code is 0 when every function answers, else 1; 2 when there is no stack.
    """
    with plainly():
        stack = find_stack(Path.cwd())
    with httpx2.Client(timeout=10.0, trust_env=not stack.is_local) as http:
        health = {name: _health(http, url) for name, url in sorted(stack.functions.items())}
        counts = _counts(http, stack)
    out.print(f"CRM at {stack.url}", markup=False)
    grid = Grid("Function", "Health", "URL")
    for name, state in health.items():
        grid.add_row(name, f"[{'green' if state == 'ok' else 'red'}]{state}[/]", stack.functions[name])
    out.print(grid)
    out.print(counts)
    if not all(state == "ok" for state in health.values()):
        raise typer.Exit(1)


def _health(http: httpx2.Client, url: str) -> str:
    from crm.entry.health import LIVE  # it loads FastAPI, which no other command needs

    try:
        answer = http.get(f"{url.rstrip('/')}{LIVE}")
    except httpx2.TransportError:
        return "does not answer"
    return "ok" if answer.status_code == 200 else f"answers {answer.status_code}"


def _counts(http: httpx2.Client, stack: Stack) -> str:
    """The numbers of customers, orders and campaigns in a sentence, or why they are unknown."""
    try:
        _sign_in(http, stack)
        overview = _get(http, f"{stack.url}/api/v1/overview", {})
        held = [counted(overview["customers"], "customer"), counted(overview["orders"], "order")]
        held.append(counted(_campaigns(http, stack), "campaign"))
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        return f"Customers, orders and campaigns are not known: {error}."
    return f"{', '.join(held)}."


def _sign_in(http: httpx2.Client, stack: Stack) -> None:
    """Sign the client in to the local stack; the session is kept in its cookies."""
    session = f"{stack.url}/api/v1/session"
    account = {"email": LOCAL_MEMBER, "nonce": _post(http, f"{session}/nonce", {})["nonce"]}
    credential = _post(http, f"{stack.url}/identity/token", account)["credential"]
    _post(http, session, {"credential": credential})


def _campaigns(http: httpx2.Client, stack: Stack) -> int:
    count = 0
    cursor = None
    while True:
        query = {"limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
        answer = _get(http, f"{stack.url}/api/v1/campaigns", query)
        count += len(answer["data"])
        cursor = answer["next_cursor"]
        if cursor is None:
            return count


def _get(http: httpx2.Client, url: str, query: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = http.get(url, params=query).raise_for_status().json()
    return found


def _post(http: httpx2.Client, url: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = http.post(url, json=body, headers={"X-Requested-With": "crm"}).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
