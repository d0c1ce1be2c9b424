"""Consoles of the commands, and how a command ends with a one-sentence error."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 customer", "2,000 customers"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Sorry(Exception):
    """The command cannot continue; `str(error)` says what is wrong and what to do."""


@contextmanager
def plainly() -> Iterator[None]:
    """End the program with exit code 2 and the sentence of a `Sorry`, without a traceback."""
    try:
        yield
    except Sorry as error:
        err.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
