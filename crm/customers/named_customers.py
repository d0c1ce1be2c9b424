"""Whom a payload of any form names: `customer_id` anywhere in it, or what could be an id."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crm.kernel.hidden_characters import without_hidden
from crm.kernel.mentions import SearchableText, searchable, unescaped

MAX_CUSTOMERS: Final = 1_000
"""Customers that a letter is indexed by; our own messages name no more."""

MAX_GUESSES: Final = 20
"""Words of a payload that names nobody by `customer_id` which are taken for possible ids."""

MAX_ID: Final = 128
"""Characters of a customer's id."""

GUESSED_IN: Final = 20_000
"""Characters in which possible ids are looked for."""

SEARCHED: Final = 1_000_000
"""Characters of a payload without such a field in which `customer_id` is looked for."""

_NAMED: Final = re.compile(
    r'customer_?id"?\s{0,9}[:=]\s{0,9}(?:"((?:[^"\\]|\\.){1,256})"|([^\s",;&{}\[\]]{1,256}))', re.IGNORECASE
)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.){1,256})"')
_WORD: Final = re.compile(r"""([^\s"',;:<>(){}\[\]=|&]+)""")


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a payload names."""

    customers: frozenset[str]
    """Ids as records have them: without blanks around them, and without hidden characters."""

    is_certain: bool
    """False if it may name others, too."""


class JsonObject(dict[str, Any]):
    """An object as it was written: `pairs` also has the values that a repeated name hides."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def parsed(payload: bytes) -> Any:
    """The JSON value. Raises ValueError if it is none, or nested too deeply."""
    try:
        return json.loads(payload, object_pairs_hook=JsonObject)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def named_in(payload: bytes) -> Named:
    """Whom the payload names."""
    try:
        found = named_by(parsed(payload))
    except ValueError:
        found = Named(frozenset(), False)
    if found.customers:
        return Named(found.customers, found.is_certain and len(found.customers) <= MAX_CUSTOMERS)
    return Named(_named_in_text(_decoded(payload)[:SEARCHED]), False)


def named_by(value: Any) -> Named:
    """Whom a parsed value names: each `customer_id` in it, at any depth."""
    found: set[str] = set()
    is_certain = True
    waiting: list[tuple[Any, bool]] = [(value, False)]
    while waiting:
        each, is_id = waiting.pop()
        if isinstance(each, JsonObject):
            is_certain = is_certain and not is_id
            waiting += [(inner, is_id or _is_name(name)) for name, inner in each.pairs]
        elif isinstance(each, list):
            is_certain = is_certain and not is_id
            waiting += [(inner, is_id) for inner in each]
        elif is_id and each is not None:
            written = each if isinstance(each, str) else json.dumps(each)
            plain = normalised(written)
            is_certain = is_certain and written is each and plain == written.strip() and _is_id(plain)
            found.update(_ids([written]))
    return Named(frozenset(found), is_certain)


def normalised(customer_id: str) -> str:
    """The id as records have it: `crm.customers.records` strips blanks, and refuses hidden characters."""
    return without_hidden(customer_id).strip()


def text_of(payload: bytes, attributes: Mapping[str, str], reason: str) -> SearchableText:
    """All that a letter says, to be searched for ids."""
    return searchable("\n".join([_decoded(payload), *attributes.values(), reason]))


def _is_name(field: str) -> bool:
    return re.sub(r"[\W_]", "", field).casefold() == "customerid"


def _is_id(plain: str) -> bool:
    return 0 < len(plain) <= MAX_ID


def _ids(texts: Iterable[str]) -> Iterator[str]:
    return filter(_is_id, map(normalised, texts))


def _named_in_text(text: str) -> frozenset[str]:
    """What stands after `customer_id` in the text, also within JSON in JSON; or else possible ids."""
    inner = unescaped(unescaped(text))
    matches = (match for each in (text, inner) for match in _NAMED.finditer(each))
    return frozenset(_ids(unescaped(match[1] or match[2]) for match in matches)) or _guesses(inner)


def _guesses(text: str) -> frozenset[str]:
    found: set[str] = set()
    for pattern in (_QUOTED, _WORD):
        for each in _ids(unescaped(match[1]) for match in pattern.finditer(text[:GUESSED_IN])):
            if len(found) == MAX_GUESSES:
                return frozenset(found)
            found.add(each)
    return frozenset(found)


def _decoded(payload: bytes) -> str:
    """The payload as text; if it may be UTF-16 or UTF-32, as JSON may, that text follows."""
    encodings = dict.fromkeys(["utf-8", json.detect_encoding(payload)])
    return "\n".join(payload.decode(encoding, "replace") for encoding in encodings)
