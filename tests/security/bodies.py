"""Bodies that cost much more than they weigh."""

from collections.abc import Callable, Mapping
from typing import Final

Body = Callable[[int], bytes]
"""A body of at most so many bytes."""


def _repeated(start: str, part: str, last: str, end: str) -> Body:
    def make(size: int) -> bytes:
        count = (size - len(start) - len(last) - len(end)) // len(part)
        return f"{start}{part * count}{last}{end}".encode()

    return make


def _unknown_names(size: int) -> bytes:
    names = ",".join(f'"x{number:08}":1' for number in range(size // 14))
    return f"{{{names[: names.rfind(',', 0, size - 2)]}}}".encode()


def _nested(size: int) -> bytes:
    return b"[" * (size // 2) + b"]" * (size // 2)


KINDS: Final[Mapping[str, Body]] = {
    "unknown names": _unknown_names,
    "deep nesting": _nested,
    "deep objects": lambda size: b'{"a":' * (size // 6) + b"1" + b"}" * (size // 6),
    "a long number": lambda size: b'{"credential":' + b"1" * (size - 20) + b"}",
    "long numbers": _repeated("[", "1" * 4000 + ",", "1", "]"),
    "a huge text": lambda size: b'{"credential":"' + b"x" * (size - 20) + b'"}',
    "escapes": _repeated('{"credential":"', "\\ud83d\\ude00", "", '"}'),
    "small objects": _repeated('{"rules":[', "{},", "{}", "]}"),
    "small lists": _repeated("[", "[],", "[]", "]"),
    "numbers": _repeated("[", "1,", "1", "]"),
    "floats": _repeated("[", "1e9,", "1", "]"),
    "not JSON": lambda size: b"{" * size,
    "zeros": lambda size: bytes(size),
}
