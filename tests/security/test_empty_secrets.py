"""Tries to start functions with secrets that anybody could guess: empty, blank, short, cut from a file."""

from dataclasses import MISSING, fields
from typing import Any

import pytest

from crm.config import PREFIX, ConfigurationError, load
from devstack.settings import CLASSES

WELL = "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g="
ENDINGS = ("_key", "_keys", "_secret", "_secrets")
SECRETS = [
    (function, field.name)
    for function, cls in CLASSES.items()
    for field in fields(cls)
    if field.name.endswith(ENDINGS)
]


def settings_of(cls: type[Any]) -> dict[str, str]:
    """What a function needs, with one well-formed secret for all of its secrets."""
    names = [field.name for field in fields(cls) if field.name.endswith(ENDINGS) or field.default is MISSING]
    return {f"{PREFIX}{name.upper()}": WELL for name in names} | {
        f"{PREFIX}ERASURE_LEDGER": "gs://crm-erasures"
    }


def test_every_function_has_its_secrets_here() -> None:
    assert {"vendor_key", "session_secrets", "webhook_key", "id_key", "gemini_key"} <= {
        name for _, name in SECRETS
    }


@pytest.mark.parametrize(("function", "name"), SECRETS)
@pytest.mark.parametrize(
    "text", ["", " ", " \t\n", "guess me", ",", " , ,", f"{WELL[:20]}\x00{WELL}"], ids=repr
)
def test_a_secret_that_could_be_guessed_stops_the_start(function: str, name: str, text: str) -> None:
    cls = CLASSES[function]
    variable = f"{PREFIX}{name.upper()}"
    load(cls, settings_of(cls))

    with pytest.raises(ConfigurationError, match=f"^{variable} [a-z][^;]*$") as caught:
        load(cls, {**settings_of(cls), variable: text})

    assert not text.strip(" ,\t\n") or text not in str(caught.value)


@pytest.mark.parametrize("name", ["vendor_key", "webhook_key"])
def test_a_secret_with_the_line_end_of_its_file_stops_the_start(name: str) -> None:
    variable = f"{PREFIX}{name.upper()}"
    cls = CLASSES["campaigns"]
    with pytest.raises(ConfigurationError, match=f"{variable} begins or ends"):
        load(cls, {**settings_of(cls), variable: f"{WELL}\n"})
