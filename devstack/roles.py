"""docs/roles.md: who may call which route, written from the rules that the functions enforce.

`python -m devstack roles` writes it; a test fails where it differs.
"""

from collections.abc import Iterator
from typing import Final

from crm.access.route_rules import KIB, MIB, RULES_OF, RouteRule
from devstack.paths import ROOT

FILE: Final = ROOT / "docs" / "roles.md"

_INTRODUCTION: Final = """\
# Who may call what

Written by `python -m devstack roles` from `crm/access/route_rules.py`, which the functions enforce: a call is
checked before its body is read, and a function with a route that has no rule does not start.

- A **viewer** reads figures, segments, and one person at a time.
- A **marketer** also reads lists and files of people, such as the customers, the communication log, exports
  and the results of imports; and builds and sends.
- An **admin** also manages members, API keys and webhook secrets, reads the audit log, and erases customers.

Pages of the log and of the list of customers need a marketer like the files: who may read pages can read
everybody. A viewer sees the same as figures: of a segment's changes, how many joined and left, and of an
audience, how many are in it and can be reached; and not who. A message is previewed to a viewer as it would
be for somebody made up.

What a viewer reads of rules leaves out the values that may name a person: those compared with an id, an
e-mail address, a phone number, a name, a birthday or an attribute, of which the sentence says only how many
there are. Values are offered to a viewer only where at least five customers share them. In rules of their
own a viewer may count by figures, days, consents, tags and whole cities, countries and categories, and by
whether something is known; comparisons of what may name a person, or with a part of a text, are refused,
because many counts would spell the values out. So a viewer can still find out how many customers meet such
conditions together, also where that is one or none; and everything about a customer to whose page they have
the link.

The web app shows nobody a page, a link or a control that their role would be refused: it asks
`web/src/api/needs.ts`, which `python -m devstack openapi` writes from the same rules.

The other needs: `public` needs nothing. `visitor` needs no session, but a call from the web app's own pages.
`token` is the token in the link of a message. `push` is the identity token of our subscriptions and of the
scheduler. `signature` is a webhook's. `ingest:…` is an API key with that scope. `vendor key` is the simulated
vendor's.

Writes of visitors and of signed-in people need the header `X-Requested-With: crm`, and are refused from
pages of other sites by their `Origin`. A body over the limit is answered 413; one that takes longer than 10
seconds and comes slower than 64 KiB a second, 408; one with a `Content-Encoding`, 415. Headers of more than
64 KiB, or more than 100 of them, are answered 431; those that take longer than 10 seconds, 408.

A rate is a budget of calls of an API key, of a signed-in person, or of the address of anybody else, in each
instance; [rate-limits.md](rate-limits.md) says how large they are.
"""


def write() -> None:
    """Write the document."""
    FILE.write_text(text())


def text() -> str:
    """The document as it stands in the file."""
    return "\n".join([_INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    for function, rules in RULES_OF.items():
        yield f"## {function}\n\n| route | needs | body up to | rate |\n|---|---|---|---|"
        yield from (_line(route, rule) for route, rule in rules.items())
        yield ""


def _line(route: str, rule: RouteRule) -> str:
    rate = rule.rate or "not limited"
    return f"| `{route}` | {rule.needs} | {_size(rule.max_body)} | {rate} |"


def _size(count: int) -> str:
    return f"{count // MIB} MiB" if count >= MIB else f"{count // KIB} KiB"
