"""What nobody sees is in no id and no address, and turns no name around."""

from datetime import date

import pytest
from pydantic import ValidationError

from crm.customers.records import CustomerRecord

HIDDEN = (
    "\x00\x07\x1b\x7f\x85\x9f\u00ad\u034f\u115f\u180e\u200b\u200d\u200e\u2028\u202e\u2060\u2066\u3164\ufe0f\ufeff"
    "\uffa0\U000e0001\U000e0061"
)


@pytest.mark.parametrize("mark", HIDDEN)
def test_ids_and_addresses_with_hidden_characters_are_refused(mark: str) -> None:
    for fields in ({"customer_id": f"C{mark}1"}, {"customer_id": "C", "email": f"a{mark}b@example.com"}):
        with pytest.raises(ValidationError):
            CustomerRecord.model_validate(fields)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Mira\tShah\r\n", "Mira Shah"),
        ("Mi\x00ra\x1b[31m", "Mira[31m"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u2066Ann\u2069", "Ann"),
        ("A\U000e0068\U000e0069nn\u3164", "Ann"),
        ("👩\u200d👧 Zoë", "👩\u200d👧 Zoë"),
        ("مرحبا بالعالم", "مرحبا بالعالم"),
        ("Ann  Lee", "Ann  Lee"),
    ],
)
def test_texts_are_one_line_that_reads_as_it_is_stored(given: str, kept: str) -> None:
    fields = {
        "customer_id": "C",
        "name": given,
        "city": given,
        "tags": [given],
        "attributes": {"note": given},
    }
    record = CustomerRecord.model_validate(fields)
    assert (record.name, record.city, record.tags, record.attributes) == (kept, kept, (kept,), {"note": kept})


def test_a_tag_of_hidden_characters_is_empty() -> None:
    with pytest.raises(ValidationError) as caught:
        CustomerRecord.model_validate({"customer_id": "C", "tags": ["vip", "\u200b"]})
    assert [(error["loc"], error["msg"]) for error in caught.value.errors()] == [
        (("tags", 1), "Value error, is empty")
    ]


def test_a_date_with_hidden_characters_among_attributes_is_a_date() -> None:
    record = CustomerRecord.model_validate({"customer_id": "C", "attributes": {"since": "\ufeff2026-03-01"}})
    assert record.attributes == {"since": date(2026, 3, 1)}
