"""The table that a rehearsal ends with: a line for each check, in the order in which they were made."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.markup import escape
from rich.table import Table

from devstack.console import Steps


@dataclass(slots=True)
class Line:
    """What was checked in a step, and what was found; `wrong` says what is not as it should be."""

    step: str
    checked: str
    figure: str = ""
    wrong: str = ""
    seconds: float = 0.0

    def record(self, figure: str, wrong: str = "") -> None:
        """Set what was found."""
        self.figure, self.wrong = figure, wrong


@dataclass(slots=True)
class Report:
    """The lines so far. Each is printed as soon as it is there."""

    steps: Steps
    lines: list[Line] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found wrong."""
        return not any(line.wrong for line in self.lines)

    @contextmanager
    def checking(self, step: str, checked: str) -> Iterator[Line]:
        """Time a check. An exception makes it fail and goes on."""
        line = Line(step, checked)
        self.lines.append(line)
        began = time.monotonic()
        try:
            with self.steps.step(f"{step}: {checked}") as said:
                yield line
                said.say(line.figure)
        except BaseException as error:
            line.wrong = str(error) or type(error).__name__
            raise
        finally:
            line.seconds = time.monotonic() - began
        if line.wrong:
            self.steps.error(line.wrong)


def table(report: Report) -> Table:
    """The whole report."""
    grid = Table("step", "what was checked", "figure", "s", "ok", title_justify="left")
    for line in report.lines:
        figure = line.figure if not line.wrong else f"{line.figure} {line.wrong}".strip()
        verdict = "[red]no[/]" if line.wrong else "[green]yes[/]"
        grid.add_row(line.step, line.checked, escape(figure), f"{line.seconds:.1f}", verdict)
    return grid
