"""What nobody sees is in no id and no address, and turns no name around."""

import pytest
from pydantic import ValidationError

from crm.customers.records import CustomerRecord

HIDDEN = "\x00\x07\x1b\x7f\x85\x9f\u00ad\u200b\u200e\u2028\u202e\u2066\ufeff"


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
        ("👩\u200d👧 Zoë", "👩\u200d👧 Zoë"),
        ("مرحبا بالعالم", "مرحبا بالعالم"),
        ("Ann  Lee", "Ann  Lee"),
    ],
)
def test_names_are_one_line_that_reads_as_it_is_stored(given: str, kept: str) -> None:
    assert CustomerRecord.model_validate({"customer_id": "C", "name": given}).name == kept
