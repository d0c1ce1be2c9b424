"""Which queries are served by which indexes, as Firestore decides it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient, FieldFilter

from tests.infra.shapes import Indexes, shape_of
from tests.recorder import INDEXES
from tests.support import ROOT

LOG = AsyncClient(project="p", credentials=AnonymousCredentials()).collection("log")


def where(field: str, operator: str, value: Any = 1) -> Any:
    return LOG.where(filter=FieldFilter(field, operator, value))


def indexes(tmp_path: Path, *composite: str, **overrides: str) -> Indexes:
    """`composite` are like "log: a +, b -"; `overrides` field → directions, "" for none, `every` for "*"."""
    names = {"+": "ASCENDING", "-": "DESCENDING"}
    made = []
    for text in composite:
        group, _, fields = text.partition(": ")
        pairs = [field.split() for field in fields.split(", ")]
        listed = [{"fieldPath": name, "order": names[sign]} for name, sign in pairs]
        made.append({"collectionGroup": group, "queryScope": "COLLECTION", "fields": listed})
    exempt = [
        {
            "collectionGroup": "log",
            "fieldPath": "*" if name == "every" else name,
            "indexes": [{"order": names[sign], "queryScope": "COLLECTION"} for sign in signs],
        }
        for name, signs in overrides.items()
    ]
    file = tmp_path / "indexes.json"
    file.write_text(json.dumps({"indexes": made, "fieldOverrides": exempt}))
    return Indexes.read(file)


def served(query: Any, by: Indexes, *summed: str) -> bool:
    return by.serve(shape_of(query._to_protobuf(), summed))


ALWAYS = {
    "all": LOG.limit(5),
    "by name": LOG.order_by("__name__"),
    "one equality": where("a", "=="),
    "two equalities": where("a", "==").where(filter=FieldFilter("b", "in", [1])),
    "an equality by name": where("a", "==").order_by("__name__"),
    "a range": where("a", ">").where(filter=FieldFilter("a", "<", 9)),
    "an order and its names": LOG.order_by("a", direction="DESCENDING").order_by(
        "__name__", direction="DESCENDING"
    ),
    "a list that contains": where("a", "array_contains"),
}
COMPOSITE = {
    "an equality and a range": (where("a", "==").where(filter=FieldFilter("b", ">", 1)), "log: a +, b +"),
    "an equality and an order": (where("a", "==").order_by("b", direction="DESCENDING"), "log: a +, b -"),
    "two orders": (LOG.order_by("a").order_by("b", direction="DESCENDING"), "log: a +, b -"),
    "names against the order": (
        LOG.order_by("a").order_by("__name__", direction="DESCENDING"),
        "log: a +, __name__ -",
    ),
}


@pytest.mark.parametrize("name", ALWAYS)
def test_queries_served_by_single_fields_need_no_index(name: str, tmp_path: Path) -> None:
    assert served(ALWAYS[name], indexes(tmp_path))


@pytest.mark.parametrize("name", ["one equality", "two equalities", "a range", "an order and its names"])
def test_a_field_that_is_exempt_serves_nothing(name: str, tmp_path: Path) -> None:
    assert not served(ALWAYS[name], indexes(tmp_path, a=""))
    assert not served(ALWAYS[name], indexes(tmp_path, every=""))


def test_a_field_may_be_indexed_where_the_others_are_not(tmp_path: Path) -> None:
    by = indexes(tmp_path, every="", a="+")

    assert served(where("a", "=="), by)
    assert served(where("a", ">"), by)
    assert not served(LOG.order_by("a", direction="DESCENDING"), by)
    assert not served(where("b", "=="), by)


@pytest.mark.parametrize("name", COMPOSITE)
def test_an_order_with_another_condition_needs_a_composite_index(name: str, tmp_path: Path) -> None:
    query, index = COMPOSITE[name]

    assert not served(query, indexes(tmp_path))
    assert served(query, indexes(tmp_path, index, every=""))
    assert not served(query, indexes(tmp_path, index.translate(str.maketrans("+-", "-+"))))
    assert not served(query, indexes(tmp_path, index.replace("log", "other")))


def test_composite_indexes_with_the_same_orders_are_merged(tmp_path: Path) -> None:
    query = where("a", "==").where(filter=FieldFilter("b", "==", 1)).order_by("c")

    assert served(query, indexes(tmp_path, "log: a +, c +", "log: b +, c +"))
    assert not served(query, indexes(tmp_path, "log: a +, c +"))


def test_a_sum_needs_its_field(tmp_path: Path) -> None:
    assert served(LOG.limit(1), indexes(tmp_path), "a")
    assert not served(LOG.limit(1), indexes(tmp_path, every=""), "a")
    assert served(where("b", "=="), indexes(tmp_path, "log: b +, a +"), "a")


def test_everything_that_is_listed_is_stored_by_the_code() -> None:
    content = json.loads(INDEXES.read_text())
    code = "".join(
        file.read_text() for folder in ("crm", "functions") for file in (ROOT / folder).rglob("*.py")
    )
    indexed = [
        (each["collectionGroup"], field["fieldPath"])
        for each in content["indexes"]
        for field in each["fields"]
    ]
    exempt = [(each["collectionGroup"], each["fieldPath"]) for each in content["fieldOverrides"]]

    for collection, field in [*indexed, *exempt]:
        assert re.search(rf'["/]{collection}["/]', code), f"nothing is stored in {collection}"
        assert field == "*" or re.search(rf"\b{field}\b", code), f"nothing has a field {field}"


def test_no_composite_index_is_of_one_field() -> None:
    """Firestore refuses to make what it has already."""
    content = json.loads(INDEXES.read_text())
    assert [each for each in content["indexes"] if len(each["fields"]) < 2] == []
    names = [(each["collectionGroup"], each["fieldPath"]) for each in content["fieldOverrides"]]
    assert len(names) == len(set(names))
