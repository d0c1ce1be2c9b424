"""Parses Liquid templates within limits on what they may do, renders them, and locates their faults.

Only the template is code. Values are data and never parsed.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from liquid.exceptions import LiquidError, ResourceLimitError

from crm.campaigns.metered_liquid import Meter, MeteredEnvironment, MeteredTemplate
from crm.campaigns.template_sources import SourceFault, source_fault
from crm.campaigns.template_values import ValueTooLargeError
from crm.kernel.errors import FieldError, Invalid

MAX_SOURCE = 10_000
"""Characters of a template."""

MAX_REASON: Final = 200
"""Characters of a fault's message."""


class TooMuch(Invalid):
    """A limit on rendering is exceeded. Says which and where, and quotes no value."""


def parsed(source: str, path: str) -> MeteredTemplate:
    """The parsed template. Raises Invalid at `path`, with line and column where they are known."""
    if len(source) > MAX_SOURCE:
        raise Invalid.at(path, f"has more than {MAX_SOURCE:,} characters")
    match _parsed(source):
        case MeteredTemplate() as template:
            return template
        case SourceFault(index, message):
            raise Invalid([fault_at(source, index, path, message)])
        case LiquidError() as error:
            raise Invalid([_fault_of(error, source, path)]) from error
        case error:
            raise Invalid.at(path, "is nested too deeply") from error


def rendered(source: str, path: str, variables: Mapping[str, object], meter: Meter) -> str:
    """The text. Raises Invalid at `path`, whatever goes wrong; TooMuch where a limit is exceeded."""
    template = parsed(source, path)
    try:
        return template.render_within(variables, meter)
    except (ResourceLimitError, ValueTooLargeError) as error:
        raise TooMuch([_fault_of(error, source, path)]) from error
    except LiquidError as error:
        raise Invalid([_fault_of(error, source, path)]) from error
    except Exception as error:
        # The library raises Python's own errors for unexpected values. Their texts may quote the values.
        raise Invalid.at(path, f"cannot be rendered with these values ({type(error).__name__})") from error


def known_filters() -> tuple[str, ...]:
    """The names of all filters."""
    return tuple(_ENVIRONMENT.filters)


def fault_at(source: str, index: int, path: str, message: str) -> FieldError:
    """A fault at an index of the source, with a message like "line 1, column 4: expected '}}', found end of
    file"."""
    line = source.count("\n", 0, index) + 1
    column = index - source.rfind("\n", 0, index)
    return FieldError(path, f"line {line}, column {column}: {message[:MAX_REASON]}", line, column)


def _fault_of(error: LiquidError, source: str, path: str) -> FieldError:
    index = error.token.start_index if error.token is not None else -1
    return fault_at(source, len(source) if index < 0 else index, path, str(error.message))


_ENVIRONMENT = MeteredEnvironment()


@lru_cache(maxsize=32)
def _parsed(source: str) -> MeteredTemplate | SourceFault | LiquidError | RecursionError:
    """The template or what is wrong with it: a chunk asks for either once per recipient."""
    try:
        return source_fault(source) or _ENVIRONMENT.metered(source)
    except (LiquidError, RecursionError) as error:
        cause = error.__cause__ if isinstance(error.__cause__, RecursionError) else error
        return cause.with_traceback(None)
