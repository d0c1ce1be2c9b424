"""A later version of the code that knows one more field of orders."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import crm
from crm.customers import customer_key, fields

PACKAGE: Final = "crm.customers"

GIFT: Final = """    gift: Annotated[ShortText | None, FieldSpec(kind="text", label="gift")] = None
"""


class Version(NamedTuple):
    """The modules of a version that handle orders."""

    bookkeeping: Any
    order: Any
    packs: Any
    records: Any
    store: Any


def this_version() -> Version:
    """The modules as they are."""
    names = ("bookkeeping", "order", "packs", "records", "store.orders")
    return Version(*(import_module(f"{PACKAGE}.{name}") for name in names))


def later_version() -> Version:
    """The modules made anew, with a field `gift` among those of orders."""
    text = Path(fields.__file__).read_text()
    before = "    placed_at: Annotated["
    assert text.count(before) == 1
    with _forgotten():
        package = import_module(PACKAGE)
        module = ModuleType(f"{PACKAGE}.fields")
        sys.modules[module.__name__] = module
        exec(compile(text.replace(before, GIFT + before), "fields.py", "exec"), module.__dict__)
        vars(package)["fields"] = module
        return this_version()


@contextmanager
def _forgotten() -> Iterator[None]:
    """Within it the package counts as not imported yet."""
    package = crm.customers
    mine = {name: module for name, module in sys.modules.items() if f"{name}.".startswith(f"{PACKAGE}.")}
    for name in mine.keys() - {customer_key.__name__}:  # it holds the secret
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        sys.modules.update(mine)
        vars(crm)["customers"] = package
