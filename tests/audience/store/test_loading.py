"""What goes through the consumer's use case and is folded is what measurements write directly."""

import polars as pl
import pytest
from google.cloud.firestore import AsyncClient

from bench.people import people
from bench.store_loading import load_directly, load_through_consumer, without_versions
from crm.audience.engine.tables import Tables
from crm.audience.projection.compare import differences
from crm.audience.usecases.compact import Compact
from tests.projection import store_of, wrong

pytestmark = pytest.mark.emulator


async def test_both_ways_of_loading_give_the_same_projection(project: str) -> None:
    whole = people(300)
    nobody = pl.lit(None, pl.String)
    # A record cannot suppress anybody: that is what unsubscribing and bouncing do.
    tables = Tables(whole.customers.with_columns(**{"suppressions.email": nobody}), whole.orders)
    consumed, direct = AsyncClient(project=project), AsyncClient(project=f"{project}-direct")

    await load_through_consumer(consumed, tables)
    await Compact(store=store_of(consumed))()
    await load_directly(direct, tables)

    assert await wrong(consumed) == []
    one, other = [without_versions(await store_of(each).tables()) for each in (consumed, direct)]
    assert one.customers.height == 300
    assert one.orders.height == 900
    assert list(differences(one, other)) == []
