"""Whether a text of any form holds a name, also where it is escaped or broken up by hidden characters."""

import re
from dataclasses import dataclass
from typing import Final

from crm.kernel.hidden_characters import without_hidden

LAYERS: Final = 3
"""How often escapes are undone: JSON within a text of JSON is escaped twice."""

SHORT: Final = 8
"""Characters. A shorter name has to stand alone: "7" is part of nearly every text."""

_ESCAPE: Final = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])')
_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class SearchableText:
    """A text as it is, and with its escapes undone."""

    text: str

    def holds(self, name: str, *, alone: bool = False) -> bool:
        """Whether the name is in the text, in any case of its letters.

        With `alone`, and always if the name is short, it must not be part of a longer word, id or address.
        """
        wanted = _plain(name).strip().casefold()
        if not wanted or wanted not in self.text:
            return False
        if not alone and len(wanted) >= SHORT:
            return True
        return bool(re.search(rf"(?<![\w@-])(?<!\w\.){re.escape(wanted)}(?![\w@-]|\.\w)", self.text))


def searchable(text: str) -> SearchableText:
    """The text, prepared for any number of searches."""
    layers = [text]
    while len(layers) <= LAYERS and (undone := unescaped(layers[-1])) != layers[-1]:
        layers.append(undone)
    return SearchableText("\n".join(_plain(layer).casefold() for layer in layers))


def unescaped(text: str) -> str:
    """The text with the escapes of JSON undone once."""
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    found = match[1]
    return chr(int(found[1:], 16)) if found[0] == "u" else _ESCAPED.get(found, found)


def _plain(text: str) -> str:
    """The text without hidden characters; pairs of surrogates are one character, blanks are plain."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return without_hidden(re.sub(r"\s", " ", whole))
