"""`crm deadletters`: lists, shows and replays messages that could not be processed."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column
from rich.table import Table as Grid

from crm.cli.console import out
from crm.cli.operator import Operated, Project, operate
from crm.customers.dead_letters import KeptLetter
from crm.customers.usecases.replay_dead_letter import ReplayDeadLetter
from crm.platform.clock import now
from crm.topology import DEAD_LETTERS, PUSHES

if TYPE_CHECKING:
    from crm.customers.store.dead_letters import DeadLetters

SHORT = 12
"""Digits of an id that a list shows; any unique prefix identifies a letter."""

TOPICS = frozenset(push.topic for push in PUSHES) - {DEAD_LETTERS}

app = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be processed.")

Letter = Annotated[str, typer.Argument(metavar="ID", help="The letter's id, or a unique prefix of it.")]


@app.command("list")
def show_all(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
    project: Project = "",
) -> None:
    """Show the newest dead letters. They hold personal data and are deleted after 30 days."""

    async def read(operated: Operated) -> list[KeptLetter]:
        return await _letters(operated).newest(limit, now())

    grid = Grid(Column("Id", no_wrap=True, min_width=SHORT), "Topic", "Since", "Times", "Replayed", "Reason")
    for kept in operate(project, read):
        replayed = f"{kept.replayed_at:%Y-%m-%d %H:%M}" if kept.replayed_at else ""
        at = f"{kept.at:%Y-%m-%d %H:%M}"
        grid.add_row(
            kept.letter_id[:SHORT], kept.letter.source, at, str(kept.times), replayed, kept.letter.reason
        )
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
def replay(letter: Letter, project: Project = "") -> None:
    """Publish a dead letter to its topic again. Repeating this is harmless."""

    async def again(operated: Operated) -> bool:
        from crm.platform.pubsub import Publisher

        letters = _letters(operated)
        kept = await letters.find(letter)
        broker = Publisher(operated.project, operated.topic_prefix)
        return await ReplayDeadLetter(letters=letters, broker=broker, topics=TOPICS)(kept, now())

    done = operate(project, again)
    out.print("Published again." if done else "It was replayed before, and did not fail since.")


def _letters(operated: Operated) -> "DeadLetters":
    from crm.customers.store.dead_letters import DeadLetters

    return DeadLetters(operated.database)
