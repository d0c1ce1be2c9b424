"""The table that a run ends with."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich.table import Table

from prove.faults import Kill
from prove.judging import Verdict

RANDOM = "at random"


@dataclass(slots=True, kw_only=True)
class Report:
    """The outcome of a run. `broken` are promises that were found broken during it."""

    seed: int
    seconds: float
    verdict: Verdict
    kills: list[Kill]
    frozen: list[tuple[str, float]]
    seen: set[str]
    proxy: Counter[str]
    receipts: Counter[str]
    deliveries: Counter[int]
    records: Counter[str]
    readings: int
    replaced: str = ""
    broken: list[str] = field(default_factory=list)

    @property
    def findings(self) -> list[str]:
        """All that is wrong; empty if every promise holds."""
        counted = {
            "duplicates by the vendor's ledger": self.verdict.duplicates_by_vendor,
            "duplicates by the rows": self.verdict.duplicates_by_rows,
            "losses": self.verdict.losses,
            "counter drift": self.verdict.drift,
        }
        found = [f"{what} {_sum(counter)}" for what, counter in counted.items() if counter.total()]
        return found + self.broken


def table(report: Report) -> Table:
    """Figures first, then each fault point at which a process was killed."""
    verdict = report.verdict
    grid = Table("", "", title=f"With faults, seed {report.seed}", show_header=False, title_justify="left")
    grid.add_row("recipients", f"{verdict.recipients:,}")
    grid.add_row("elapsed", f"{report.seconds:.0f} s")
    grid.add_row("kills", _kills(report.kills))
    grid.add_row("duplicates by the vendor's ledger", _sum(verdict.duplicates_by_vendor))
    grid.add_row("duplicates by the rows", _sum(verdict.duplicates_by_rows))
    grid.add_row("losses", _sum(verdict.losses))
    grid.add_row("unknown", _sum(verdict.unknown))
    grid.add_row("counter drift", _sum(verdict.drift))
    grid.add_section()
    died = {kill.point for kill in report.kills if not kill.point.endswith(RANDOM)}
    grid.add_row("fault points passed, died at", f"{len(report.seen)}, {len(died)}")
    grid.add_row("delivered, failed", f"{verdict.delivered:,}, {verdict.failed:,}")
    grid.add_row("skipped", _sum(verdict.skipped))
    grid.add_row("handed to the vendor again, taken once", f"{verdict.offered_again:,}")
    grid.add_row("records", _said(report.records))
    grid.add_row("pushes", _said(report.proxy))
    grid.add_row("receipts", _said(report.receipts))
    grid.add_row("  of one receipt", ", ".join(_deliveries(report.deliveries)))
    grid.add_row("emulators frozen", ", ".join(f"{name} {seconds:g} s" for name, seconds in report.frozen))
    if report.replaced:
        grid.add_row("Pub/Sub replaced by an empty one", report.replaced)
    grid.add_row("readings of the figures, all adding up", f"{report.readings:,}")
    for broken in report.broken:
        grid.add_row("[red]broken[/]", broken)
    grid.add_section()
    for line, times in _lines(report.kills).items():
        grid.add_row(f"killed at {line}", times)
    return grid


def _kills(kills: list[Kill]) -> str:
    by_function = Counter(kill.function for kill in kills)
    chance = sum(kill.point.endswith(RANDOM) for kill in kills)
    each = ", ".join(f"{name} {number}" for name, number in sorted(by_function.items()))
    return f"{len(kills)}: {each}; {len(kills) - chance} at chosen lines, {chance} at random"


def _sum(counter: Mapping[str, int]) -> str:
    parts = [f"{number:,} {what}" for what, number in counter.items() if number]
    return f"{sum(counter.values()):,}" + (": " + "; ".join(parts) if parts else "")


def _said(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {what}" for what, number in counter.items() if number)


def _deliveries(deliveries: Mapping[int, int]) -> Iterator[str]:
    for times, receipts in sorted(deliveries.items()):
        yield f"{receipts:,} sent {times} times"


def _lines(kills: list[Kill]) -> dict[str, str]:
    """Call → when a process died there, before and after joined."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kill in kills:
        function, _, rest = kill.point.partition(": ")
        when, _, line = rest.partition(" ")
        if rest == RANDOM:
            found[f"{function}, any line"][RANDOM] += 1
        else:
            found[f"{function}: {line}"][when] += 1
    return {
        line: ", ".join(
            f"{when} ×{times}" if times > 1 else when for when, times in sorted(counted.items(), reverse=True)
        )
        for line, counted in sorted(found.items())
    }
