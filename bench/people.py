"""Invented customers and orders for measurements: always the same ones for a size and a seed.

A tenth of the customers opted out, a fifth never ordered, a few buy a lot. Times are whole seconds, amounts
hundredths, addresses mostly lower case, as they are in shops.
"""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from crm.audience.engine.tables import CUSTOMERS, ORDERS, Tables

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""The time as of which is measured."""

COUNTRIES: Final = [f"Country {number:02}" for number in range(40)]
CITIES: Final = [f"City {number:04}" for number in range(2000)]
CATEGORIES: Final = ["shoes", "hats", "books", *(f"category {number:02}" for number in range(27))]
TAGS: Final = ["vip", "newsletter", "returner", *(f"tag {number:02}" for number in range(17))]
_FIRST: Final = ["anna", "bob", "carol", "dmitri", "evelyn", "farid", "grace", "hiro", "ines", "jamal"]
_LAST: Final = ["smith", "jones", "garcia", "mueller", "rossi", "novak", "silva", "khan", "sato", "olsen"]
_HOSTS: Final = ["gmail.com", "outlook.com", "yahoo.co.uk", "web.de", "example.com", "orange.fr", "mail.ru"]
_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND
_NOW: Final = int(NOW.timestamp()) * _SECOND


def people(customers: int = 1_000_000, orders_each: int = 3, seed: int = 20260301) -> Tables:
    """So many customers, with so many orders on average; totals fit the orders."""
    random = np.random.default_rng(seed)
    orders = _orders(random, customers, customers * orders_each)
    return Tables(_customers(random, customers, orders), orders.select(ORDERS.keys()))


def _orders(random: np.random.Generator, customers: int, size: int) -> pl.DataFrame:
    whose = (customers * 0.8 * random.random(size) ** 1.5).astype(np.int64)
    age = (random.exponential(240, size) * 86_400).astype(np.int64) % (3 * 365 * 86_400)
    frame = pl.DataFrame(
        {
            "order_id": pl.int_range(size, eager=True),
            "whose": whose,
            "version": np.ones(size, np.int64),
            "amount": (random.gamma(1.2, 1200, size) * 100).astype(np.int64) * 100 + 100,
            "status": random.choice(4, size, p=[0.04, 0.9, 0.03, 0.03]),
            "category": random.choice(len(CATEGORIES), size, p=_falling(len(CATEGORIES))),
            "placed_at": _NOW - age * _SECOND,
        }
    )
    statuses = pl.Series(["pending", "completed", "cancelled", "refunded"])
    categories = pl.Series(CATEGORIES)
    return frame.select(
        "whose",
        order_id=pl.format("O{}", "order_id"),
        customer_id=_id(pl.col("whose")),
        version="version",
        amount="amount",
        currency=pl.lit("INR"),
        status=statuses.gather(frame["status"]),
        category=categories.gather(frame["category"]),
        placed_at=pl.col("placed_at").cast(ORDERS["placed_at"]),
        updated_at=pl.col("placed_at").cast(ORDERS["placed_at"]),
    )


def _customers(random: np.random.Generator, size: int, orders: pl.DataFrame) -> pl.DataFrame:
    completed = orders.filter(pl.col("status") == "completed")
    totals = completed.group_by("whose").agg(
        total_spend=pl.col("amount").sum(),
        order_count=pl.len().cast(pl.Int64),
        first_order_at=pl.col("placed_at").min(),
        last_order_at=pl.col("placed_at").max(),
    )
    first, last = (pl.Series(names).gather(random.integers(0, 10, size)) for names in (_FIRST, _LAST))
    host = pl.Series(_HOSTS).gather(random.choice(len(_HOSTS), size, p=_falling(len(_HOSTS))))
    numbers = pl.Series(random.integers(0, 100_000, size))
    frame = pl.DataFrame({"whose": np.arange(size), "first": first, "last": last, "host": host, "n": numbers})
    have = [pl.Series(random.random(size) < share) for share in (0.97, 0.6, 0.7, 0.02)]
    frame = frame.join(totals, on="whose", how="left", maintain_order="left")
    made = frame.select(
        customer_id=_id(pl.col("whose")),
        version=pl.lit(1, pl.Int64),
        removed=pl.lit(False),
        known=pl.lit(True),
        email=_some(have[0], pl.format("{}.{}{}@{}", "first", "last", "n", "host")),
        phone=_some(have[1], pl.format("+44 20 {}", pl.col("n") + 7_000_000)),
        name=pl.format("{} {}", pl.col("first").str.to_titlecase(), pl.col("last").str.to_titlecase()),
        city=pl.Series(CITIES).gather(random.choice(2000, size, p=_falling(2000))),
        country=pl.Series(COUNTRIES).gather(random.choice(40, size, p=_falling(40))),
        birthday=_some(have[2], pl.Series(random.integers(-14_000, 13_000, size)).cast(pl.Int32)),
        created_at=pl.Series(_NOW - random.integers(0, 2000 * 86_400, size) * _SECOND),
        visits=pl.Series(random.geometric(0.15, size) - 1),
        last_active_at=pl.Series(_NOW - (random.exponential(90, size) * 86_400).astype(np.int64) * _SECOND),
        consent=pl.Series(random.random(size) < 0.9),
        **{f"consents.{each}": pl.lit(None, pl.Boolean) for each in ("simulator", "email", "sms")},
        **{f"suppressions.{each}": pl.lit(None, pl.String) for each in ("simulator", "sms")},
        **{"suppressions.email": _some(have[3], pl.lit("bounced"))},
        total_spend=pl.col("total_spend").fill_null(0),
        order_count=pl.col("order_count").fill_null(0),
        first_order_at="first_order_at",
        last_order_at="last_order_at",
        tags=_tags(random, size),
        attributes=_attributes(random, size),
    )
    return made.select(pl.col(name).cast(dtype) for name, dtype in CUSTOMERS.items())


def _tags(random: np.random.Generator, size: int) -> pl.Series:
    """One tag for half of the customers, and a second for some of these."""
    one, other = (pl.Series(TAGS).gather(random.choice(20, size, p=_falling(20))) for _ in range(2))
    count = pl.Series(random.choice(3, size, p=[0.5, 0.35, 0.15]))
    frame = pl.DataFrame({"a": one, "b": other, "count": count})
    return frame.select(
        pl.concat_list("a", "b").list.unique(maintain_order=True).list.head(pl.col("count")).alias("tags")
    )["tags"]


def _attributes(random: np.random.Generator, size: int) -> pl.Series:
    """A shoe size for a third, a tier for a fifth."""
    shoe = pl.Series(np.where(random.random(size) < 0.33, random.integers(35, 47, size), np.nan)).fill_nan(
        None
    )
    tier = pl.Series(["gold", "silver"]).gather(random.integers(0, 2, size))
    frame = pl.DataFrame({"shoe": shoe, "tier": tier, "has": random.random(size) < 0.2})
    nothing = {
        "text": pl.lit(None, pl.String),
        "day": pl.lit(None, pl.Date),
        "flag": pl.lit(None, pl.Boolean),
    }
    parts = [
        pl.struct(name=pl.lit("shoe_size"), number="shoe", **nothing),
        pl.struct(
            name=pl.lit("tier"), number=pl.lit(None, pl.Float64), **(nothing | {"text": pl.col("tier")})
        ),
    ]
    shoe_part, tier_part = (
        pl.when(condition).then(part)
        for condition, part in zip((pl.col("shoe").is_not_null(), pl.col("has")), parts, strict=True)
    )
    return frame.select(pl.concat_list(shoe_part, tier_part).list.drop_nulls().alias("attributes"))[
        "attributes"
    ]


def _some(have: pl.Series, values: pl.Expr | pl.Series) -> pl.Expr:
    return pl.when(have).then(values)


def _falling(count: int) -> np.ndarray:
    weights = 1 / np.arange(2, count + 2)
    return weights / weights.sum()


def _id(number: pl.Expr) -> pl.Expr:
    """Like C-0000042, in no order that means anything."""
    return pl.format("C-{}", (number * 7_919 + 104_729) % 9_999_991)
