"""Queries by their shape, and whether Firestore's indexes serve it.

Rules of the standard edition: every query is served by indexes or refused. Single fields are indexed in both
directions unless exempt; equalities alone are served by merging those; an order with an equality, or
several orders, need a composite index that ends with just these orders. Nothing is scanned backwards.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from google.cloud.firestore_v1.types import StructuredQuery

NAME = "__name__"
ASCENDING, DESCENDING, CONTAINS = "ASCENDING", "DESCENDING", "CONTAINS"

_EQUAL = {"EQUAL", "IN", "IS_NULL", "IS_NAN"}
_CONTAINS = {"ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"}

Field = tuple[str, str]
"""A field and how it is indexed: ASCENDING, DESCENDING or CONTAINS."""


@dataclass(frozen=True, order=True)
class Shape:
    """What a query asks of indexes: fields that are compared for equality, and its orders, without the name.

    Of the equalities only CONTAINS matters; of the orders the direction does.
    """

    collection: str
    group: bool
    equal: tuple[Field, ...]
    orders: tuple[Field, ...]
    summed: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{name} {'contains' if how == CONTAINS else '=='} …" for name, how in self.equal]
        parts += [f"order by {name} {direction.lower()}" for name, direction in self.orders]
        parts += [f"sum of {name}" for name in self.summed]
        return f"{self.collection}{' (group)' if self.group else ''}: {', '.join(parts) or 'all'}"


def shape_of(query: StructuredQuery, summed: Sequence[str] = ()) -> Shape:
    """The shape of a query, which may sum fields. Raises ValueError for an "or"."""
    source = query.from_[0]
    equal: set[Field] = set()
    unequal: list[str] = []
    for field, operator in _comparisons(query.where):
        if operator in _EQUAL:
            equal.add((field, ASCENDING))
        elif operator in _CONTAINS:
            equal.add((field, CONTAINS))
        elif field not in unequal:
            unequal.append(field)
    orders = [(order.field.field_path, order.direction.name) for order in query.order_by]
    ordered = {field for field, _ in orders}
    implied = orders[-1][1] if orders else ASCENDING
    orders += [(field, implied) for field in sorted(unequal) if field not in ordered]
    last = next((direction for field, direction in orders if field == NAME), None)
    plain = [(field, direction) for field, direction in orders if field != NAME]
    if last is not None and last != (plain[-1][1] if plain else ASCENDING):
        plain.append((NAME, last))  # against the direction in which every index ends
    kept = tuple(sorted(pair for pair in equal if pair[0] != NAME))
    return Shape(
        source.collection_id, bool(source.all_descendants), kept, tuple(plain), tuple(sorted(summed))
    )


@dataclass(frozen=True)
class Indexes:
    """What infra/terraform/firestore.indexes.json says."""

    composite: Sequence[Mapping[str, Any]]
    exempt: Mapping[tuple[str, str], frozenset[Field]]

    @classmethod
    def read(cls, file: Path) -> "Indexes":
        """The indexes of a file."""
        content = json.loads(file.read_text())
        exempt = {
            (each["collectionGroup"], each["fieldPath"]): frozenset(
                (index.get("order") or CONTAINS, index["queryScope"]) for index in each["indexes"]
            )
            for each in content["fieldOverrides"]
        }
        return cls(content["indexes"], exempt)

    def needless(self, shapes: Collection[Shape]) -> list[str]:
        """Each index that these queries are served without."""
        return [name for name, fewer in self._one_less() if all(fewer.serve(shape) for shape in shapes)]

    def serve(self, shape: Shape) -> bool:
        """Whether a query of this shape is answered, and not refused."""
        needed = {*shape.equal}
        orders = (*shape.orders, *((name, ASCENDING) for name in shape.summed))
        if not orders:
            return all(self._single(shape, field) for field in needed) or self._composites(shape, needed, ())
        if not needed and len(orders) == 1:
            return self._single(shape, orders[0])
        return self._composites(shape, needed, orders)

    def _one_less(self) -> Iterator[tuple[str, "Indexes"]]:
        """What each index is called, and the others."""
        for index in self.composite:
            others = [other for other in self.composite if other is not index]
            fields = ", ".join(field["fieldPath"] for field in index["fields"])
            yield f"{index['collectionGroup']}: {fields}", Indexes(others, self.exempt)
        for (collection, path), kept in self.exempt.items():
            for how, scope in sorted(kept):
                fewer = {**self.exempt, (collection, path): kept - {(how, scope)}}
                yield f"{collection}: {path} {how.lower()}", Indexes(self.composite, fewer)

    def _single(self, shape: Shape, field: Field) -> bool:
        name, how = field
        scope = "COLLECTION_GROUP" if shape.group else "COLLECTION"
        for path in (name, "*"):
            override = self.exempt.get((shape.collection, path))
            if override is not None:
                return (how, scope) in override
        return not shape.group and name != NAME  # by default every field, within its collection

    def _composites(self, shape: Shape, needed: set[Field], orders: tuple[Field, ...]) -> bool:
        """Whether indexes that end with these orders cover all equalities, merged if need be."""
        scope = "COLLECTION_GROUP" if shape.group else "COLLECTION"
        covered: set[Field] = set()
        fits = False
        for index in self.composite:
            if (index["collectionGroup"], index["queryScope"]) != (shape.collection, scope):
                continue
            fields = [(each["fieldPath"], each.get("order") or CONTAINS) for each in index["fields"]]
            split = len(fields) - len(orders)
            before = {(name, how if how == CONTAINS else ASCENDING) for name, how in fields[: max(split, 0)]}
            if split >= 0 and tuple(fields[split:]) == orders and before <= needed:
                covered |= before
                fits = True
        return fits and covered == needed


def _comparisons(filter_: StructuredQuery.Filter) -> Iterable[tuple[str, str]]:
    kind = StructuredQuery.Filter.pb(filter_).WhichOneof("filter_type")
    if kind == "composite_filter":
        if filter_.composite_filter.op != StructuredQuery.CompositeFilter.Operator.AND:
            raise ValueError("queries with or are not known here")
        return chain.from_iterable(_comparisons(each) for each in filter_.composite_filter.filters)
    if kind == "field_filter":
        return [(filter_.field_filter.field.field_path, filter_.field_filter.op.name)]
    if kind == "unary_filter":
        return [(filter_.unary_filter.field.field_path, filter_.unary_filter.op.name)]
    return []
