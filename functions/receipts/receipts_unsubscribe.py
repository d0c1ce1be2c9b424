"""The page behind the unsubscribe link in a message.

Opening it changes nothing, because mail programs and scanners open every link. Its button posts to the same
address; so does the button of a mail program (RFC 8058), which reads the status only.
"""

import base64
import hashlib
import html
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import HTMLResponse

from crm.customers.ports import CustomerStore
from crm.customers.unsubscribe_links import EXAMPLE, PATH, UnsubscribeTokens
from crm.customers.usecases.change_suppression import ChangeSuppression
from crm.customers.values import Channel
from crm.entry.routing import Router
from crm.platform.jitter import pause

logger = logging.getLogger(__name__)

WORDS: Mapping[Channel, str] = {"simulator": "messages", "email": "e-mails", "sms": "text messages"}

_STYLE = """
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; min-height: 100vh; place-items: center;
  background: light-dark(#f4f5f7, #16181d); }
main { box-sizing: border-box; width: min(28rem, 100vw - 2rem); padding: 2rem; border-radius: .75rem;
  background: light-dark(#fff, #22252c); color: light-dark(#1b1f27, #e8eaee); box-shadow: 0 1px 4px #0003; }
h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.3; }
p { margin: 0 0 1rem; }
p:last-child { margin: 0; }
button { padding: .625rem 1.25rem; border: 0; border-radius: .5rem; font: inherit; font-weight: 600;
  background: light-dark(#1f4fd8, #8fb0ff); color: light-dark(#fff, #101521); cursor: pointer; }
button:disabled { opacity: .55; cursor: default; }
button:focus-visible { outline: 3px solid light-dark(#1b1f27, #fff); outline-offset: 2px; }
"""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src "
        f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
    ),
    "X-Robots-Tag": "noindex",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""

_FORM = (
    '<form method="post"><button name="List-Unsubscribe" value="One-Click"{state}>Unsubscribe</button></form>'
)


def routes(tokens: UnsubscribeTokens, customers: Callable[[], CustomerStore]) -> Router:
    """The two routes of `PATH`."""
    router = Router(prefix=PATH, tags=["unsubscribe"], default_response_class=HTMLResponse)

    @router.get("/{token}", responses=_pages(404, 429))
    async def look(token: str) -> HTMLResponse:
        """The page with the button. Changes nothing."""
        if token == EXAMPLE:
            note = "<p>This is what recipients see. The link of a preview or a test unsubscribes nobody.</p>"
            return _page("Unsubscribe?", note + _FORM.format(state=" disabled"))
        channel = tokens.parse(token).channel
        return _page(
            "Unsubscribe?", f"<p>You will get no more {WORDS[channel]} from us.</p>{_FORM.format(state='')}"
        )

    @router.post("/{token}", responses=_pages(404, 429, 503))
    async def unsubscribe(token: str) -> HTMLResponse:
        """Put the recipient on the do-not-send list of the message's channel. Safe to repeat."""
        known = tokens.parse(token)
        change = ChangeSuppression(customers=customers(), pause=pause)
        await change(known.customer, known.channel, "unsubscribed")
        ids = {"message_id": known.message_id, "channel": known.channel}
        logger.info("recipient unsubscribed", extra={"ids": ids})
        text = f"You will get no more {WORDS[known.channel]} from us. Some may be under way already."
        return _page("You are unsubscribed", f"<p>{text}</p>")

    return router


def _pages(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of these statuses for OpenAPI: pages as well, for a person reads them."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {"text/html": {}}}
        for status in statuses
    }


def error_page(status: int, sentence: str, headers: Mapping[str, str]) -> HTMLResponse:
    """Any error of a path below `PATH` as a page; what may pass asks to try again."""
    may_pass = "Retry-After" in headers or status >= 500
    title = "Please try again in a moment" if may_pass else "This link does not work"
    if may_pass:
        text = "You are not unsubscribed yet."
    elif sentence == HTTPStatus(status).phrase:
        text = "Open the link in the message once more: here a part of it is missing or wrong."
    else:
        text = sentence
    return _page(title, f"<p>{html.escape(text)}</p>", status, headers)


def _page(
    title: str, content: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A page of fixed texts only; nothing from a request is shown on it."""
    page = _PAGE.format(title=title, style=_STYLE, content=content)
    return HTMLResponse(page, status, {**_HEADERS, **(headers or {})})
