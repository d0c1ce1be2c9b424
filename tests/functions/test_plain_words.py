"""What a model may refuse is said in our words: every type of error that any model or parameter can raise."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from crm.customers.records import CustomerRecord, OrderRecord
from crm.kernel.errors import Invalid
from crm.kernel.validation import found_by
from crm.kernel.wording import OWN, WORDS
from crm.topology import FUNCTIONS
from devstack import secrets
from devstack.settings import Ports, environments
from tests.support import load_function

TEXT = {"string_type", "string_unicode"}
WHOLE = {"int_type", "int_parsing", "int_parsing_size", "int_from_float"}
NUMBER = {"float_type", "float_parsing"}

RAISED: Mapping[str, set[str]] = {
    "str": TEXT,
    "bytes": {"bytes_type", "bytes_invalid_encoding"},
    "bool": {"bool_type", "bool_parsing"},
    "int": WHOLE,
    "float": NUMBER,
    "decimal": {"decimal_type", "decimal_parsing", "finite_number"},
    "date": {"date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"},
    "datetime": {
        *("datetime_type", "datetime_parsing", "datetime_object_invalid", "datetime_from_date_parsing"),
    },
    "literal": {"literal_error"},
    "list": {"list_type", "iteration_error"},
    "tuple": {"tuple_type", "iteration_error"},
    "dict": {"dict_type", "mapping_type"},
    "model": {"model_type", "model_attributes_type"},
    "model-fields": {"model_type", "missing"},
    "uuid": {"uuid_type", "uuid_parsing"},
    "none": {"none_required"},
    "function-before": {OWN},
    "function-after": {OWN},
    "function-plain": {OWN},
    "function-wrap": {OWN},
}
"""The errors that each kind of schema can raise."""

BY_CONSTRAINT: Mapping[str, str] = {
    "gt": "greater_than",
    "ge": "greater_than_equal",
    "lt": "less_than",
    "le": "less_than_equal",
    "pattern": "string_pattern_mismatch",
    "decimal_places": "decimal_max_places",
    "allow_inf_nan": "finite_number",
}

BY_LENGTH: Mapping[str, str] = {"min_length": "too_short", "max_length": "too_long"}

NO_SCHEMA = {"metadata", "serialization", "config", "default", "expected", "function"}

SILENT = {
    "any",
    "nullable",
    "default",
    "union",
    "model-field",
    "definitions",
    "definition-ref",
    "chain",
    "json-or-python",
}
"""They raise nothing of their own, only what is within."""


def types_of(schema: Any) -> Iterator[str]:
    """Every type of error that a core schema can raise. Fails for a kind of schema that is new here."""
    if isinstance(schema, list | tuple):
        for inner in schema:
            yield from types_of(inner)
    if not isinstance(schema, Mapping):
        return
    kind = schema.get("type")
    if isinstance(kind, str):
        assert kind in RAISED or kind in SILENT, f"say what {kind} can raise: {str(schema)[:200]}"
        yield from RAISED.get(kind, ())
        yield from of_constraints(schema, "string_" if kind == "str" else "")
    if kind in ("function-before", "function-after"):
        yield from of_constraints(*of_pydantic(schema["function"]["function"]))
    if schema.get("config", {}).get("extra_fields_behavior") == "forbid":
        yield "extra_forbidden"
    for name, inner in schema.items():
        if name not in NO_SCHEMA:
            yield from types_of(inner)


def of_constraints(schema: Mapping[str, Any], lengths: str = "") -> Iterator[str]:
    yield from (name for key, name in BY_CONSTRAINT.items() if schema.get(key) is not None)
    yield from (f"{lengths}{name}" for key, name in BY_LENGTH.items() if schema.get(key) is not None)


def of_pydantic(function: Any) -> tuple[Mapping[str, Any]]:
    """The constraint that a validator of pydantic's own holds a value to."""
    if getattr(function, "__name__", "") == "forbid_inf_nan_check":
        return ({"allow_inf_nan": False},)
    return (function.keywords if isinstance(function, partial) else {},)


def schemas_of(function: str) -> Iterator[Any]:
    """What a function checks that comes from outside: parameters of its routes, and every model of ours."""
    for context in iter_route_contexts(load_function(function).app.routes):
        dependant = getattr(context, "dependant", None)
        for field in parameters(dependant) if dependant else ():
            info = field.field_info
            checked: Any = Annotated[info.annotation, info]
            yield TypeAdapter(checked).core_schema
    for model in models(BaseModel):
        is_ours = model.__module__.startswith(("crm.", "function_", "campaigns_api.", "vendor_sim."))
        if is_ours and not model.model_config.get("from_attributes"):  # answers are made, not checked
            yield model.__pydantic_core_schema__


def parameters(dependant: Dependant) -> Iterator[Any]:
    """Those that a route has itself and by what it depends on."""
    yield from (*dependant.path_params, *dependant.query_params, *dependant.header_params)
    yield from (*dependant.cookie_params, *dependant.body_params)
    for each in dependant.dependencies:
        yield from parameters(each)


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_refusal_has_plain_words(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = environments(Ports(1, dict.fromkeys(FUNCTIONS, 1)), secrets.kept_in(tmp_path))[function]
    for name, value in {**variables, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)
    raised = {kind for schema in schemas_of(function) for kind in types_of(schema)}
    assert raised - {OWN} <= WORDS.keys(), raised


def test_the_words_are_of_errors_that_there_are() -> None:
    assert WORDS.keys() <= set(get_args(ErrorType))


ORDER = {"order_id": "O", "customer_id": "C", "amount": 1, "placed_at": "2026-01-01"}
PERSON = {"customer_id": "C"}


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        (OrderRecord, {"amount": "twelve"}, "amount: is not a number"),
        (OrderRecord, {"amount": True}, "amount: is not a number"),
        (OrderRecord, {"amount": "1.23456"}, "amount: has more than 4 decimals"),
        (OrderRecord, {"amount": 10**12}, "amount: must be at most 1,000,000,000"),
        (OrderRecord, {"amount": "NaN"}, "amount: is not a number"),
        (
            OrderRecord,
            {"currency": "pounds"},
            "currency: is not a currency in three capital letters, like GBP",
        ),
        (OrderRecord, {"status": "lost"}, "status: is none of pending, completed, cancelled or refunded"),
        (
            OrderRecord,
            {"placed_at": "soon"},
            "placed_at: is not a date, like 2026-03-01 or 2026-03-01T12:00:00Z",
        ),
        (
            OrderRecord,
            {"placed_at": "2026-02-30"},
            "placed_at: is not a date or time that exists, like 2026-03-01 or 2026-03-01T12:00:00Z",
        ),
        (OrderRecord, {"order_id": ""}, "order_id: is empty"),
        (OrderRecord, {"order_id": 7}, "order_id: is not text"),
        (OrderRecord, {"order_id": "O" * 129}, "order_id: has more than 128 characters"),
        (CustomerRecord, {"customer_id": None}, "customer_id: is not text"),
        (CustomerRecord, {"email": "nobody"}, "email: is not an e-mail address"),
        (CustomerRecord, {"birthday": "2026-02-30"}, "birthday: is not a date that exists, like 2026-03-01"),
        (
            CustomerRecord,
            {"birthday": "2026-02-03 12:00"},
            "birthday: is a date with a time; only the date belongs here, like 2026-03-01",
        ),
        (CustomerRecord, {"visits": "many"}, "visits: is not a whole number"),
        (CustomerRecord, {"visits": -1}, "visits: must be at least 0"),
        (CustomerRecord, {"consent": "perhaps"}, "consent: is neither true nor false"),
        (CustomerRecord, {"tags": "vip"}, "tags: is not a list"),
        (CustomerRecord, {"tags": ["x"] * 51}, "tags: has more than 50 entries"),
        (CustomerRecord, {"colour": "blue"}, "colour: is not a known field"),
        (CustomerRecord, {"attributes": 7}, "attributes: is not an object of names and values"),
    ],
)
def test_a_marketer_reads(model: type[BaseModel], fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({**(ORDER if model is OrderRecord else PERSON), **fields})
    assert str(Invalid(found_by(caught.value))) == words
