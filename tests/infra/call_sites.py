"""The lines of the code that ask the database a query."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ASKING = ("documents.query", "documents.count", "documents.aggregate")
"""Calls by their whole name; besides, every `….stream(…)`."""


def unasked(files: Iterable[Path], root: Path, asked: Iterable[str]) -> list[str]:
    """Calls that no `asked` line is part of, as `file:line` from `root`; both name lines so."""
    lines = set(asked)
    return [
        f"{file.relative_to(root)}:{call.lineno}"
        for file in sorted(files)
        for call, span in _calls(ast.parse(file.read_text(encoding="utf-8")))
        if not lines & {f"{file.relative_to(root)}:{line}" for line in span}
    ]


def _calls(tree: ast.AST, around: range = range(0)) -> Iterator[tuple[ast.Call, range]]:
    """Each call and the lines at which it may be seen: a stream wherever its function reads it."""
    for statement in ast.iter_child_nodes(tree):
        inner = around
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = range(statement.lineno, (statement.end_lineno or 0) + 1)
        if isinstance(statement, ast.stmt):
            for node in _own(statement):
                if isinstance(node, ast.Call):
                    name = ast.unparse(node.func)
                    if name in ASKING:
                        yield node, _span(statement)
                    elif name.endswith(".stream"):
                        yield node, inner
        yield from _calls(statement, inner)


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without those of the statements in it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]


def _span(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    last = body[0].lineno if body else (statement.end_lineno or statement.lineno) + 1
    return range(statement.lineno, max(last, statement.lineno + 1))
