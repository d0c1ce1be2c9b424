"""What an audited action changes, as short texts."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from crm.access.field_changes import MAX_CHANGES, MAX_TEXT, FieldChange, Value, field_changes


def test_only_fields_that_differ_are_named() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    before: dict[str, Value] = {"name": "Old", "rate": 600, "scopes": ["a", "b"], "gone": "x", "same": 1}
    after: dict[str, Value] = {"name": "New", "rate": None, "scopes": ["a"], "schedule_at": at, "same": 1}
    assert field_changes(before, after) == (
        FieldChange("name", "Old", "New"),
        FieldChange("rate", "600", None),
        FieldChange("scopes", "a, b", "a"),
        FieldChange("schedule_at", None, "2026-03-01T12:00:00Z"),
        FieldChange("gone", "x", None),
    )


def test_a_long_text_is_shown_from_its_first_difference() -> None:
    (change,) = field_changes({"body": "x" * 5_000 + "old"}, {"body": "x" * 5_000 + "new" + "y" * 5_000})
    assert change.before == "…" + "x" * 40 + "old"
    assert change.after is not None
    assert change.after.startswith("…" + "x" * 40 + "newy")
    assert change.after.endswith("y…")


LONG = st.builds(
    lambda start, times, end: start * times + end, st.text(max_size=9), st.integers(0, 250), st.text()
)
"""Up to thousands of characters, of which few are drawn: to draw each takes long on a busy machine."""

TEXTS = st.dictionaries(st.text(max_size=3), LONG, max_size=20)


@given(TEXTS, TEXTS)
def test_changes_are_bounded_and_never_empty(before: dict[str, str], after: dict[str, str]) -> None:
    found = field_changes(before, after)
    assert len(found) <= MAX_CHANGES
    assert all(len(text or "") <= MAX_TEXT for each in found for text in (each.before, each.after))
    assert bool(found) == ({k: v for k, v in before.items() if v} != {k: v for k, v in after.items() if v})
