"""Response models with the registered fields of customers and orders."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import create_model

from campaigns_api.responses import ResponseModel
from crm.customers.customer import TOTALS, Customer, Totals
from crm.customers.fields import PROFILE, FieldSpec
from crm.customers.order import ORDER, Order


def _model(name: str, specs: Mapping[str, FieldSpec], *declaring: type) -> Any:
    """A model of those fields, all required, with the types of the declaring classes; money is a float."""
    types = {name: hint for each in declaring for name, hint in get_type_hints(each).items()}
    fields: dict[str, Any] = {
        name: (float if spec.kind == "money" else types[name], ...) for name, spec in specs.items()
    }
    return create_model(name, __base__=ResponseModel, **fields)


# The fields of a created model are unknown to mypy. No code reads them: they are made by name and sent.
if TYPE_CHECKING:
    CustomerFields = ResponseModel
    PersonFields = ResponseModel
    OrderFields = ResponseModel
else:
    _CUSTOMER = PROFILE | TOTALS
    CustomerFields = _model("CustomerFields", _CUSTOMER, Customer, Totals)
    PersonFields = _model(
        "PersonFields", {name: spec for name, spec in _CUSTOMER.items() if spec.in_lists}, Customer, Totals
    )
    OrderFields = _model(
        "OrderFields", {name: spec for name, spec in ORDER.items() if name != "customer_id"}, Order
    )
