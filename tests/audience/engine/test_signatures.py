"""Signatures never rule out a text that has the part."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crm.audience.engine.signatures import signature_of, signatures_of

TEXTS = st.text(alphabet="abcé😀ß\n ", max_size=12)


@given(st.lists(st.none() | TEXTS, min_size=1, max_size=8), st.data())
def test_a_text_has_the_bits_of_each_of_its_parts(texts: list[str | None], data: st.DataObject) -> None:
    found = signatures_of(pl.Series(texts, dtype=pl.String))

    assert len(found) == len(texts)
    for text, signature in zip(texts, found, strict=True):
        start = data.draw(st.integers(0, len(text or "")))
        part = (text or "")[start : data.draw(st.integers(start, len(text or "")))]
        assert signature & signature_of(part) == signature_of(part)


def test_most_other_texts_are_excluded() -> None:
    texts = pl.Series([f"customer-{number}@example.com" for number in range(1000)])
    wanted = signature_of("garcia")

    assert ((signatures_of(texts) & wanted) == wanted).sum() < 20


def test_no_texts_have_no_signatures() -> None:
    assert len(signatures_of(pl.Series([], dtype=pl.String))) == 0
