"""What `make run` says while it works."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status


class Step:
    """One line of progress; `say` replaces what stands behind its title."""

    def __init__(self, title: str, status: Status) -> None:
        self._title = title
        self._status = status
        self.detail = ""

    def say(self, detail: str) -> None:
        self.detail = detail
        self._status.update(f"{escape(self._title)} … {escape(detail)}")


class Steps:
    """Prints each step when it is done, with the seconds that it took; on a terminal also while it runs."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        began = time.monotonic()
        with Status(f"{escape(title)} …", console=self._console) as status:
            step = Step(title, status)
            yield step
        seconds = time.monotonic() - began
        detail = f": {escape(step.detail)}" if step.detail else ""
        self._console.print(f"[green]✓[/] {escape(title)}{detail} [dim]({seconds:.1f} s)[/]", soft_wrap=True)

    def note(self, text: str = "") -> None:
        self._console.print(escape(text), soft_wrap=True)

    def headline(self, text: str) -> None:
        self._console.print(f"[bold]{escape(text)}[/]", soft_wrap=True)

    def error(self, text: str) -> None:
        self._console.print(f"[red]✗ {escape(text)}[/]", soft_wrap=True)
