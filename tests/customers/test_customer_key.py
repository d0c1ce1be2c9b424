"""Keys: the same for the same id, and of no use to anybody without the secret."""

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers.customer_key import customer_key, use_secret
from tests.support import ID_KEY


@pytest.fixture
def other_key() -> str:
    """The key of `mira@example.com` in another installation."""
    use_secret("the secret of another installation")
    try:
        return customer_key("mira@example.com")
    finally:
        use_secret(ID_KEY)


@given(st.text(min_size=1))
def test_every_id_has_one_key_of_its_own(customer_id: str) -> None:
    key = customer_key(customer_id)
    assert len(bytes.fromhex(key)) == 16
    assert customer_key(customer_id) == key != customer_key(customer_id + "x")


def test_the_half_characters_of_a_broken_record_have_a_key() -> None:
    assert len(customer_key("\ud800")) == 32


def test_a_key_cannot_be_made_without_the_secret(other_key: str) -> None:
    key = customer_key("mira@example.com")
    assert key != other_key
    assert key not in {
        hashlib.new(name, b"mira@example.com").hexdigest()[:32] for name in ("sha256", "sha1", "md5")
    }


def test_before_the_secret_is_known_there_are_no_keys() -> None:
    code = "from crm.customers.customer_key import customer_key; customer_key('C-1')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "CRM_ID_KEY" in done.stderr) == (1, True)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        use_secret("")
