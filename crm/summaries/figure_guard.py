"""Checks that a text about a campaign agrees with its figures.

No text is trusted: what a model writes is not known beforehand, and signed-in people read it. Every number
must be a figure of a status that its clause mentions, every sentence must have one, the words must be those
of summaries, and the text must say how many messages were delivered and how many failed.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from crm.campaigns.figures import Figures
from crm.summaries.number_words import spoken_numbers
from crm.summaries.summary import in_words
from crm.summaries.vocabulary import foreign

STATUS_WORDS = {
    "delivered": ("delivered", "delivery"),
    "failed": ("failed", "failure", "bounced"),
    "opened": ("opened", "opens"),
    "clicked": ("clicked", "clicks"),
    "skipped": ("skipped",),
    "pending": ("pending", "waiting"),
    "unknown": ("unknown",),
    "accepted": ("accepted",),
    "sent": ("sent",),
}
TOTALS = ("audience", "attempted", "sent")
"""Counts that any clause may use as the whole of a part: "163 of 1,633 failed", "sent to 1,633"."""

SMALL_WORD = 12
"""Spelled-out counts up to this are ordinary English ("two groups") and are not checked."""

NEAR = Fraction(25, 10)
"""Percentage points by which a share like "nine in ten" may differ from the exact percentage."""

_CLAUSE_END = re.compile(
    r"[;:!?]|[.,](?!\d)|\s[–—-]\s|\n|\b(?:and|but|while|whereas|with|or)\b", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?](?!\d)|\n")
_OF = re.compile(r"\b(?:of|from|among|to)\s+(?:(?:the|its|all)\s+)*$", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|never|no|none|without)\b|n't\b|\bun(?!known)\w+", re.IGNORECASE)
_NUMBER = re.compile(
    r"""
    (?P<number> \d{1,3} (?:[,'’_\ ]\d{3})+ (?!\d) (?:\.\d+)? | \d+ (?:\.\d+)? )
    (?P<unit> \s* (?: % | ‰ | percent\w* \b | per\s?cent\w* \b | pct\b )
            | \s* (?: k | m | bn | thousand | million | billion ) \b
            | [^\W\d_]+
    )?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def faults(text: str, figures: Figures) -> list[str]:
    """The first faults of the text, each a short phrase; empty if the text may be shown."""
    plain = _without_dates(unicodedata.normalize("NFKC", text), figures)
    found = [*foreign(text, [in_words(cohort) for cohort in figures.cohorts]), *_without_figure(text)]
    said: set[_Said] = set()
    for clause in _clauses(plain):
        allowed = _allowed(clause, figures)
        for number in _numbers(clause):
            said.add(number)
            if not allowed.holds(number):
                found.append(f"{number.text} is not among the figures")
    return found + [f"does not say how many messages {name}" for name in _unsaid(said, figures)]


@dataclass(frozen=True, slots=True)
class _Said:
    kind: str
    value: Fraction
    text: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class _Allowed:
    counts: frozenset[int]
    percents: frozenset[Fraction]
    wholes: frozenset[int] = frozenset()

    def holds(self, said: _Said) -> bool:
        match said.kind:
            case "count":
                return said.value in self.counts or (said.is_whole and said.value in self.wholes)
            case "percent":
                return said.value in self.percents
            case "share":
                return any(abs(said.value * 100 - known) <= NEAR for known in self.percents)
            case _:
                return False


def _without_figure(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        if sentence.strip() and not re.search(r"\d", sentence) and not any(spoken_numbers(sentence)):
            yield f"a sentence has no figure: {sentence.strip()[:60]!r}"


def _clauses(text: str) -> Iterable[str]:
    return _CLAUSE_END.split(text)


def _numbers(clause: str) -> Iterator[_Said]:
    for match in _NUMBER.finditer(clause):
        value = Fraction(Decimal(re.sub(r"[,'’_ ]", "", match["number"])))
        unit = (match["unit"] or "").strip().lower()
        kind = "percent" if unit.startswith(("%", "per", "pct")) else "other" if unit else "count"
        yield _Said(kind, value, match[0].strip(), bool(_OF.search(clause, 0, match.start())))
    for spoken in spoken_numbers(clause):
        if spoken.kind != "count" or spoken.value > SMALL_WORD:
            yield _Said(spoken.kind, spoken.value, spoken.text)


def _allowed(clause: str, figures: Figures) -> _Allowed:
    """The figures that a clause may use: those of the statuses it mentions, or all if it mentions none.

    A negation allows all figures too: "not delivered" may mean failed, skipped or unknown.
    """
    words = clause.lower()
    names = {name for name, forms in STATUS_WORDS.items() if any(form in words for form in forms)}
    if not names or _NEGATION.search(clause):
        names = {*STATUS_WORDS, *TOTALS}
    return _Allowed(
        counts=_counts(figures, names),
        percents=frozenset(
            Fraction(value)
            for group in figures.groups
            for key, value in group.percents.items()
            if key in names
        ),
        wholes=_counts(figures, TOTALS),
    )


def _counts(figures: Figures, names: Collection[str]) -> frozenset[int]:
    return frozenset(value for group in figures.groups for key, value in group.counts.items() if key in names)


def _unsaid(said: Iterable[_Said], figures: Figures) -> list[str]:
    """Which of "delivered" and "failed" the text states neither as a count nor as a share."""
    everyone = figures.everyone
    numbers = list(said)
    missing = []
    for name in ("delivered", "failed"):
        if not everyone.counts[name]:
            continue
        this = _Allowed(
            frozenset({everyone.counts[name]}),
            frozenset({Fraction(everyone.percents[name])}),
        )
        if not any(this.holds(number) for number in numbers):
            missing.append(name)
    return missing


def _without_dates(text: str, figures: Figures) -> str:
    """The text without the campaign's own dates, in any usual notation."""
    for day in (figures.launched_on, figures.finished_on):
        if day is not None:
            text = _date_pattern(date.fromisoformat(day)).sub(" ", text)
    return text


def _date_pattern(day: date) -> re.Pattern[str]:
    month = f"{day:%B}"
    name = rf"(?:{month}|{month[:3]}\.?)"
    number = rf"0?{day.day}(?:st|nd|rd|th)?"
    year = rf"(?:,?\s+{day.year})"
    forms = (
        day.isoformat(),
        rf"{number}\s+(?:of\s+)?{name}{year}?",
        rf"{name}\s+{number}{year}?",
        rf"{name}{year}",
        rf"in\s+{day.year}",
    )
    return re.compile(rf"(?<![\w.,])(?:{'|'.join(forms)})(?![\w%]|[.,]\d)", re.IGNORECASE)
