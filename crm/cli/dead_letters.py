"""`crm deadletters`: lists, shows and replays messages that could not be processed."""

import json
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.table import Table as Grid

from crm.cli.ages import age
from crm.cli.console import Sorry, out, plainly
from crm.cli.operator import Operated, Project, operate
from crm.customers.dead_letters import LetterFilter, LetterSummary, grouped
from crm.customers.usecases.replay_dead_letter import ReplayDeadLetter
from crm.customers.usecases.replay_dead_letters import ReplayDeadLetters, Replayed, first
from crm.platform.clock import now
from crm.topology import DEAD_LETTERS, PUSHES

if TYPE_CHECKING:
    from crm.customers.store.dead_letters import DeadLetters

SHORT = 12
"""Digits of an id that a list shows; any unique prefix identifies a letter."""

GROUPS = 20
"""Groups of letters that are shown."""

TOPICS = frozenset(push.topic for push in PUSHES) - {DEAD_LETTERS}

app = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be processed.")

Letter = Annotated[str, typer.Argument(metavar="ID", help="The letter's id, or a unique prefix of it.")]
OneOrMany = Annotated[
    str, typer.Argument(metavar="[ID]", help="One letter, by its id or a unique prefix. Else: a filter.")
]
Source = Annotated[str, typer.Option(metavar="TOPIC", help="Only those that came from this topic.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Only those with this in their reason.")]
CustomerKey = Annotated[
    str, typer.Option(metavar="KEY", help="Only those that name this customer, by the key of their page.")
]
OlderThan = Annotated[
    str, typer.Option(metavar="AGE", help="Only those that failed longer ago: 90m, 36h, 7d.")
]
NewerThan = Annotated[str, typer.Option(metavar="AGE", help="Only those that failed since: 90m, 36h, 7d.")]


@app.command("list")
def show_all(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
    source: Source = "",
    reason: Reason = "",
    customer_key: CustomerKey = "",
    older_than: OlderThan = "",
    newer_than: NewerThan = "",
    project: Project = "",
) -> None:
    """Show the newest dead letters. They hold personal data, and expire after 30 days or as chosen."""
    moment = now()
    with plainly():
        wanted = _filter(moment, source, reason, customer_key, older_than, newer_than)

    async def read(operated: Operated) -> list[LetterSummary]:
        letters = _letters(operated)
        if wanted == LetterFilter():
            return [kept.summary for kept in await letters.newest(limit, moment)]
        newest = deque([each async for each in letters.matching(wanted, moment)], limit)
        return sorted(newest, key=lambda letter: letter.at, reverse=True)

    grid = Grid(Column("Id", no_wrap=True, min_width=SHORT), "Topic", "Since", "Times", "Replayed", "Reason")
    for letter in operate(project, read):
        replayed = _minute(letter.replayed_at) if letter.replayed_at else ""
        cells = (letter.source, _minute(letter.at), str(letter.times), replayed, letter.reason)
        grid.add_row(letter.letter_id[:SHORT], *map(escape, cells))
    out.print(grid)


@app.command()
def show(letter: Letter, project: Project = "") -> None:
    """Show one dead letter whole, as JSON."""
    kept = operate(project, lambda operated: _letters(operated).find(letter))
    content = {
        "id": kept.letter_id,
        "topic": kept.letter.source,
        "reason": kept.letter.reason,
        "at": kept.at.isoformat(),
        "times": kept.times,
        "replayed_at": kept.replayed_at.isoformat() if kept.replayed_at else None,
        "whole": kept.whole,
        "attributes": dict(kept.letter.attributes),
        "payload": kept.letter.payload.decode(errors="backslashreplace"),
    }
    out.print(json.dumps(content, indent=2, ensure_ascii=False), markup=False, soft_wrap=True)


@app.command()
def replay(
    letter: OneOrMany = "",
    source: Source = "",
    reason: Reason = "",
    customer_key: CustomerKey = "",
    older_than: OlderThan = "",
    newer_than: NewerThan = "",
    everything: Annotated[bool, typer.Option("--all", help="All of them, without a filter.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many, the oldest first: to try a few.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many, and of what; publish nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    project: Project = "",
) -> None:
    """Publish dead letters to their topics again: one by its id, or all that a filter means.

    Letters that were replayed and did not fail since are left out, so repeating this is harmless, and goes on
    where a run stopped. The exit code is 0, or 1 where some of many letters cannot be replayed.
    """
    moment = now()
    with plainly():
        wanted = _filter(moment, source, reason, customer_key, older_than, newer_than, only_open=True)
        has_filter = wanted != LetterFilter(only_open=True)
        if bool(letter) + has_filter + everything != 1:
            raise Sorry("Name one letter by its id, or several by a filter, or all by --all.")
        if letter and (dry_run or limit is not None):
            raise Sorry("--dry-run and --limit are for several letters; `crm deadletters show` shows one.")
    if letter:
        _replay_one(letter, project)
        return
    listed = operate(project, lambda operated: first(_letters(operated).matching(wanted, moment), limit))
    _print_groups(listed)
    if dry_run or not listed:
        return
    if not yes:
        typer.confirm(f"Publish {len(listed):,} letters again?", abort=True)
    done = _replay_listed(listed, project)
    out.print(f"{done.published:,} published again.")
    if done.skipped:
        out.print(f"{done.skipped:,} have changed meanwhile and were left out.")
    for why, count in done.refused.most_common():
        out.print(f"{count:,} cannot be replayed: {why}", markup=False)
    if done.refused:
        raise typer.Exit(1)


def _replay_one(letter: str, project: str) -> None:
    async def again(operated: Operated) -> bool:
        kept = await _letters(operated).find(letter)
        return await _replay(operated)(kept, now())

    done = operate(project, again)
    out.print("Published again." if done else "It was replayed before, and did not fail since.")


def _replay_listed(listed: Sequence[LetterSummary], project: str) -> Replayed:
    bar = Progress(
        TextColumn("Publishing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out
    )

    async def work(operated: Operated) -> Replayed:
        task = bar.add_task("", total=len(listed))
        replay_all = ReplayDeadLetters(letters=_letters(operated), replay=_replay(operated))
        return await replay_all(listed, now, lambda: bar.advance(task))

    with bar:
        return operate(project, work)


def _print_groups(listed: Sequence[LetterSummary]) -> None:
    groups = grouped(listed)
    if groups:
        grid = Grid("Topic", Column("Letters", justify="right"), "Oldest", "Newest", "Reason")
        for group in groups[:GROUPS]:
            times = _minute(group.oldest), _minute(group.newest)
            grid.add_row(escape(group.source), f"{group.count:,}", *times, escape(group.reason))
        out.print(grid)
    if len(groups) > GROUPS:
        rest = sum(group.count for group in groups[GROUPS:])
        out.print(f"and {rest:,} letters with {len(groups) - GROUPS:,} other reasons.")
    out.print(f"{len(listed):,} letters to replay." if listed else "No letter to replay.")


def _filter(
    moment: datetime,
    source: str,
    reason: str,
    customer_key: str,
    older_than: str,
    newer_than: str,
    only_open: bool = False,
) -> LetterFilter:
    """Raises Sorry for an age that is none."""
    return LetterFilter(
        source=source,
        reason=reason,
        customer_key=customer_key,
        since=moment - age(newer_than) if newer_than else None,
        until=moment - age(older_than) if older_than else None,
        only_open=only_open,
    )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _replay(operated: Operated) -> ReplayDeadLetter:
    from crm.platform.pubsub import Publisher

    broker = Publisher(operated.project, operated.topic_prefix)
    return ReplayDeadLetter(letters=_letters(operated), broker=broker, topics=TOPICS)


def _letters(operated: Operated) -> "DeadLetters":
    from crm.customers.store.dead_letters import DeadLetters

    return DeadLetters(operated.database)
