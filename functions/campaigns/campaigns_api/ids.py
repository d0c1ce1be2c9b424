"""Ids in paths and bodies. In paths, what does not have the form of an id is not found, and asked nobody.

Only ids that the CRM makes travel in paths: hexadecimal digits, which no server, proxy or browser takes for a
route, a folder or a file. Names and ids from outside travel in bodies.
"""

import re
from typing import Annotated, Any

from fastapi import Depends, Path
from pydantic import StringConstraints

from crm.kernel.errors import NotFound

_RANDOM = "^[0-9a-f]{32}$"
_SHORT = "^[0-9a-f]{16}$"
_HASH = "^[0-9a-f]{64}$"
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def _id(pattern: str, name: str = "id") -> Any:
    """A dependency: the path parameter `name`. Raises NotFound unless it has this form."""
    form = re.compile(pattern)

    def checked(value: Annotated[str, Path(alias=name, json_schema_extra={"pattern": pattern})]) -> str:
        # `$` alone would match before a line break at the end.
        if not form.fullmatch(value):
            raise NotFound("There is nothing of that name.")
        return value

    return Depends(checked)


CampaignId = Annotated[str, _id(_RANDOM)]
SegmentId = Annotated[str, _id(_RANDOM)]
ImportId = Annotated[str, _id(_UUID)]
MemberId = Annotated[str, _id(_HASH)]
KeyId = Annotated[str, _id(_SHORT)]
SecretId = Annotated[str, _id(_SHORT)]
CustomerKey = Annotated[str, _id(_RANDOM, "key")]
"""A customer's key in a path, as `crm.customers.customer_key` makes it."""

Key = Annotated[str, StringConstraints(pattern=_RANDOM)]
"""A customer's key in a body."""

PersonCursor = Annotated[str, StringConstraints(max_length=200)]
"""The id of the customer after whom a page begins, in a body. It is only compared, so any text will do."""

EXAMPLE_KEY = "9b2f6c1d0e8a4735b6f1c2d3e4a59687"
"""For documentation."""
