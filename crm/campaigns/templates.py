"""Parses Liquid templates with limits on what they may do, and locates their faults.

Only the template is code. Values are data and never parsed.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ClassVar

from liquid import BoundTemplate, Environment
from liquid.exceptions import FilterArgumentError, LiquidError

from crm.kernel.errors import FieldError, Invalid

MAX_SOURCE = 10_000
"""Characters of a template."""

MAX_OUTPUT = 16_000
"""Bytes of a rendered text. A chunk of texts of this size still fits into one call to the vendor."""

MAX_FILTERED = 5_000
"""Characters of each argument of a filter, because filters like `replace` can multiply them."""


class _Bounded(Environment):
    loop_iteration_limit: ClassVar[int | None] = 1_000
    local_namespace_limit: ClassVar[int | None] = MAX_OUTPUT
    output_stream_limit: ClassVar[int | None] = MAX_OUTPUT
    block_nesting_limit: ClassVar[int] = 10
    context_depth_limit: ClassVar[int] = 10

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        # These tags load other templates, and there are none.
        for tag in ("include", "render"):
            del self.tags[tag]
        self.filters = {name: _bounded(function) for name, function in self.filters.items()}


def parsed(source: str, path: str) -> BoundTemplate:
    """The parsed template. Raises Invalid at `path` with line and column."""
    if len(source) > MAX_SOURCE:
        raise Invalid.at(path, f"has more than {MAX_SOURCE:,} characters")
    try:
        return _parsed(source)
    except LiquidError as error:
        raise Invalid([fault_of(error, source, path)]) from error
    except RecursionError as error:
        raise Invalid.at(path, "is nested too deeply") from error


def known_filters() -> tuple[str, ...]:
    """The names of all filters."""
    return tuple(_ENVIRONMENT.filters)


def fault_of(error: LiquidError, source: str, path: str) -> FieldError:
    """The library's error as a fault of the field at `path`."""
    index = error.token.start_index if error.token is not None else -1
    return fault_at(source, len(source) if index < 0 else index, path, str(error.message))


def fault_at(source: str, index: int, path: str, message: str) -> FieldError:
    """A fault at an index of the source, with a message like "line 1, column 4: expected '}}', found end of
    file"."""
    line = source.count("\n", 0, index) + 1
    column = index - source.rfind("\n", 0, index)
    return FieldError(path, f"line {line}, column {column}: {message}", line, column)


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def guarded(value: object, *args: Any, **options: Any) -> Any:
        if any(isinstance(part, str) and len(part) > MAX_FILTERED for part in (value, *args)):
            raise FilterArgumentError(f"a text of more than {MAX_FILTERED:,} characters", token=None)
        return function(value, *args, **options)

    return guarded


_ENVIRONMENT = _Bounded()


@lru_cache(maxsize=128)
def _parsed(source: str) -> BoundTemplate:
    return _ENVIRONMENT.from_string(source)
