"""Liquid whose work is counted and whose values are bounded, whatever a template does with them.

The library limits loops, output and depth, but a range becomes a list before any limit, filters take and give
values of any size, and nothing bounds a render as a whole. Here every node, loop iteration, comparison and
filter costs steps in proportion to its work, before the work is done, and every value that a filter takes or
gives is bounded. A step is about a microsecond at worst.

This module uses inner parts of the library (nodes, expressions, the context), and is the only one that does.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from io import StringIO
from typing import Any, ClassVar, Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext, Token
from liquid.ast import Node
from liquid.builtin.expressions import LoopExpression, Path
from liquid.builtin.expressions.filtered import FilteredExpression
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    LeExpression,
    NeExpression,
    _contains,
    _eq,
    _le,
)
from liquid.builtin.expressions.primitive import Literal, RangeLiteral
from liquid.builtin.tags.case_tag import _AnyExpression
from liquid.builtin.tags.cycle_tag import CycleNode
from liquid.builtin.tags.for_tag import ForLoop
from liquid.builtin.tags.tablerow_tag import TableRow
from liquid.exceptions import (
    LiquidError,
    LiquidInterrupt,
    LiquidSyntaxError,
    OutputStreamLimitError,
    ResourceLimitError,
    UnknownFilterError,
)
from liquid.expression import Expression

from crm.campaigns.template_values import (
    CHARS,
    MAX_BITS,
    MAX_ITEMS,
    SHORT,
    ValueTooLargeError,
    bounded_filter,
    search_steps,
    size_of,
)

MAX_OUTPUT: Final = 16_000
"""Bytes of a rendered text. A chunk of texts of this size still fits into one call to the vendor."""

MAX_LOCALS: Final = 16_000
"""Characters and items that a template's own variables hold together."""


TOO_COSTLY: Final = "takes too much work to render"


class TooCostlyError(ResourceLimitError):
    """The message takes more steps than it may."""


class Meter:
    """Counts down the steps that may still be taken."""

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises TooCostlyError where there are not as many left."""
        self.left -= steps
        if self.left < 0:
            raise TooCostlyError(TOO_COSTLY, token=None)


class MeteredTemplate(BoundTemplate):
    """A template that is rendered against a meter."""

    def render_within(self, variables: Mapping[str, object], meter: Meter) -> str:
        """The text. Raises LiquidError, and whatever Python raises for values that a filter cannot take."""
        context = _Context(self, variables, meter)
        buffer = _Buffer(MAX_OUTPUT, meter)
        for node in self.nodes:
            try:
                node.render(context, buffer)
            except LiquidInterrupt as interrupt:
                raise LiquidSyntaxError(f"unexpected '{interrupt}'", token=node.token) from interrupt
            except LiquidError as error:
                error.token = error.token or node.token
                raise
        return buffer.getvalue()


class MeteredEnvironment(Environment):
    """Parses metered templates. Tags that load other templates are left out, because there are none."""

    template_class = MeteredTemplate
    loop_iteration_limit: ClassVar[int | None] = MAX_ITEMS
    output_stream_limit: ClassVar[int | None] = MAX_OUTPUT
    block_nesting_limit: ClassVar[int] = 10
    context_depth_limit: ClassVar[int] = 10

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for name in ("include", "render"):
            del self.tags[name]
        tags: dict[str, Any] = {**self.tags}
        tags["cycle"].node_class = _Cycle
        for tag in tags.values():
            if hasattr(tag, "node_class"):
                tag.node_class = _counted(tag.node_class)
        self.filters = {
            name: bounded_filter(name, _with_environment(function, self))
            for name, function in self.filters.items()
        }

    def metered(self, source: str) -> MeteredTemplate:
        """The parsed template. Raises LiquidError, RecursionError."""
        template = self.from_string(source)
        assert isinstance(template, MeteredTemplate)
        context = RenderContext(template)
        for node in template.nodes:
            _prepare(node, context)
        return template


class _Context(RenderContext):
    """Counts what is looked up, assigned, repeated and written."""

    __slots__ = ("_held", "_held_in_all", "meter")

    def __init__(self, template: MeteredTemplate, variables: Mapping[str, object], meter: Meter) -> None:
        super().__init__(template, globals=variables)
        self.meter = meter
        self._held: dict[str, int] = {}
        self._held_in_all = 0

    def assign(self, key: str, val: Any) -> None:
        size = size_of(val)
        self.meter.spend(size >> CHARS)
        self._held_in_all += size - self._held.get(key, 0)
        if self._held_in_all > MAX_LOCALS:
            raise ResourceLimitError("the template's variables hold too much", token=None)
        self._held[key] = size
        self.locals[key] = val

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        function = self.env.filters.get(name)
        if function is None:
            raise UnknownFilterError(f"unknown filter '{name}'", token=token)
        return partial(function, self.meter)

    def loop(  # type: ignore[override]  # the library names the generator's type
        self, namespace: Mapping[str, object], forloop: ForLoop | TableRow
    ) -> AbstractContextManager[RenderContext]:
        forloop.it = self._iterations(forloop.it)
        return super().loop(namespace, forloop)

    def get_buffer(self, buf: TextIO | None = None) -> "_Buffer":
        carried = buf.size if isinstance(buf, _Buffer) else 0
        return _Buffer(MAX_OUTPUT - carried, self.meter)

    def _iterations(self, items: Iterator[object]) -> Iterator[object]:
        for item in items:
            self.meter.spend(2)
            yield item


class _Buffer(StringIO):
    """Limits what is written, and counts it, also where it is captured and dropped."""

    def __init__(self, limit: int, meter: Meter) -> None:
        super().__init__()
        self.size = 0
        self._limit = limit
        self._meter = meter

    def write(self, text: str, /) -> int:
        self.size += len(text) if text.isascii() else len(text.encode())
        if self.size > self._limit:
            raise OutputStreamLimitError("output stream limit reached", token=None)
        if len(text) >= SHORT:
            self._meter.spend(len(text) >> CHARS)
        return super().write(text)


class _Counted(Node):
    """A node that costs steps: those of its expressions, and of the parts that are not nodes of their own."""

    steps = 1

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        meter = context.meter  # type: ignore[attr-defined]  # every context here is a _Context
        meter.left -= self.steps  # `spend` without the call, because this is done for every node
        if meter.left < 0:
            raise TooCostlyError(TOO_COSTLY, token=None)
        return self.render_to_output(context, buffer)


class _Cycle(CycleNode):
    """Looks up all its arguments at each turn, twice, and joins their values."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        _spend(context, 3 * len(self.args))
        _spend(context, sum(size_of(each.evaluate(context)) for each in self.args) >> CHARS)
        return super().render_to_output(context, buffer)


class _Range(RangeLiteral):
    """Is refused where it is made, rather than where it has become a list."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> range:
        found = super().evaluate(context)
        if found.stop - found.start > MAX_ITEMS:
            raise ValueTooLargeError(f"a range of more than {MAX_ITEMS:,} numbers", token=self.token)
        if max(found.start.bit_length(), found.stop.bit_length()) > MAX_BITS:
            raise ValueTooLargeError("a range of too large numbers", token=self.token)
        _spend(context, (found.stop - found.start) >> 3)
        return found


class _Equal(EqExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        return _eq(*_compared(context, self.left, self.right))


class _Unequal(NeExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        return not _eq(*_compared(context, self.left, self.right))


class _AtMost(LeExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        return _le(*_compared(context, self.left, self.right))


class _AtLeast(GeExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        return _le(*_compared(context, self.right, self.left))


class _Contains(ContainsExpression):
    """Searches a text in time that may grow with the product of both lengths."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        left, right = self.left.evaluate(context), self.right.evaluate(context)
        if isinstance(left, str):
            _spend(context, search_steps(left, right))
        elif isinstance(left, list | tuple | range):
            _spend(context, len(left) >> 2)
        return _contains(self.token, left, right)


class _AnyOf(_AnyExpression):
    """Looks up and compares all terms of a `when`, also after one that matches."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> list[bool]:
        _spend(context, 3 * len(self.expressions))
        left = self.left.evaluate(context)
        found = [right.evaluate(context) for right in self.expressions]
        if isinstance(left, list | tuple):
            _spend(context, len(left) * len(found) >> 2)
        return [_eq(left, right) for right in found]


_BOUNDED: Final[Mapping[type[Expression], type[Expression]]] = {
    RangeLiteral: _Range,
    EqExpression: _Equal,
    NeExpression: _Unequal,
    LeExpression: _AtMost,
    GeExpression: _AtLeast,
    ContainsExpression: _Contains,
    _AnyExpression: _AnyOf,
}
"""What takes the place of the library's expressions, whose parser cannot be told to make others."""


def _compared(context: RenderContext, left: Expression, right: Expression) -> tuple[object, object]:
    """Both values, whose comparison is paid for where they are lists."""
    values = left.evaluate(context), right.evaluate(context)
    if isinstance(values[0], list | tuple):
        _spend(context, len(values[0]) >> 2)
    return values


def _spend(context: RenderContext, steps: int) -> None:
    context.meter.spend(steps)  # type: ignore[attr-defined]  # every context here is a _Context


def _with_environment(function: Callable[..., Any], environment: Environment) -> Callable[..., Any]:
    return partial(function, environment=environment) if hasattr(function, "with_environment") else function


def _counted(node_class: type[Node]) -> type[Node]:
    return type(node_class.__name__, (_Counted, node_class), {})


def _prepare(node: Node, context: RenderContext) -> int:
    """Bound the expressions of a node and all below it, and set what it costs. Returns that."""
    steps = 1 + sum(map(_prepared, node.expressions()))
    for child in node.children(context):
        below = _prepare(child, context)
        if not isinstance(child, _Counted):
            steps += below
    if isinstance(node, _Counted):
        node.steps = steps
    return steps


def _prepared(expression: Expression) -> int:
    """Bound the expression and all below it. Returns what one evaluation costs."""
    steps = 0
    below = [expression]
    while below:
        found = below.pop()
        if type(found) in _BOUNDED:
            found.__class__ = _BOUNDED[type(found)]
        steps += 1 + _own_steps(found)
        below += found.children()
        if isinstance(found, _AnyExpression):
            below.append(found.left)
    return steps


def _own_steps(expression: Expression) -> int:
    match expression:
        case Path():
            return sum(1 + (len(part) >> CHARS if isinstance(part, str) else 0) for part in expression.path)
        case Literal():
            return size_of(expression.value) >> CHARS
        case LoopExpression():  # each loop writes its expression out, for its name
            return 2 + (len(str(expression)) >> CHARS)
        case FilteredExpression():
            return len(expression.filters or ())
        case _:
            return 0
