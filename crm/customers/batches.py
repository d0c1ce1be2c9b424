"""Batches, as systems post them: `{"records":[…]}`, up to a thousand of one kind."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crm.customers.packs import Kind
from crm.customers.records import CustomerRecord, OrderRecord

MAX_BATCH = 1000
"""Records of a batch."""

_SIZE = Field(min_length=1, max_length=MAX_BATCH)


def _example(model: type[BaseModel]) -> Any:
    """A batch of what the model gives as its examples."""
    extra: Any = model.model_config.get("json_schema_extra")
    return {"records": extra["examples"]}


class _Batch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CustomerBatch(_Batch):
    """Up to a thousand customers. A bad one does not stop the others."""

    model_config = ConfigDict(json_schema_extra={"examples": [_example(CustomerRecord)]})

    records: Annotated[list[CustomerRecord], _SIZE]


class OrderBatch(_Batch):
    """Up to a thousand orders. A bad one does not stop the others."""

    model_config = ConfigDict(json_schema_extra={"examples": [_example(OrderRecord)]})

    records: Annotated[list[OrderRecord], _SIZE]


class AnyBatch(_Batch):
    """A batch of whatever, checked from outside only."""

    records: Annotated[list[Any], _SIZE]


BATCHES: Mapping[Kind, type[CustomerBatch] | type[OrderBatch]] = {
    "customers": CustomerBatch,
    "orders": OrderBatch,
}
