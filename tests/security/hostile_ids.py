"""Customer ids that a route, a proxy, a file server, a database or a terminal could misread."""

from typing import Final

_ROUTES = "VIP VIP/export VIP/segments VIP/suppressions VIP%2Fexport export segments search vip {key}"
_PATHS = (
    "/ // /export . .. ../.. ../segments ..%2f.. a/../b ./VIP VIP/ %2F %2e%2e %00 % %zz %25 \\ ..\\.. C:\\x"
)
_PARTS = "? VIP?query=x # VIP#top ; VIP;v=1 & a=b&c=d + //example.com https://example.com/ javascript:1"
_FILES = "C-1.2 index.html favicon.ico assets/x.js .well-known/x customers/VIP __x__ __name__"
_ADDRESSES = "ann@example.com ann+x@example.com mailto:ann@example.com"
_VALUES = "0 -1 null true NaN 0x10 1e9 {} [] ' \" ` <b> ${7*7} {{7*7}} =1+1 $(id)"
_LETTERS = "😀 é e\u0301 ſ K ß SS 日本 ．． ／ ％2F"

HOSTILE_IDS: Final = (
    *" ".join((_ROUTES, _PATHS, _PARTS, _FILES, _ADDRESSES, _VALUES, _LETTERS)).split(" "),
    *("a b", "' OR 1=1 --", "<script>alert(1)</script>"),
    *("0" * 32, "f" * 32, "x" * 128, "😀" * 128),
)
"""Each is another customer, also where two look alike."""

REFUSED_IDS: Final = (
    *("", " ", "\u00a0", "\x7f", "a\x00b", "a\nb", "a\r\nSet-Cookie: x=1"),
    *("\u202eVIP", "VIP\u200f", "\u200b", "\ufeffVIP", "a\u2028b", "👩\u200d👧"),
    *("VIP\U000e0056", "\u3164", "V\u034fIP", "VIP\ufe0f"),
    *("x" * 129, "x" * 1500, "é" * 750),
)
"""What ingest refuses: no text, control and invisible characters, and more than 128 characters."""
