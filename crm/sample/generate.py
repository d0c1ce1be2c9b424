"""Made-up customers and orders: the same on every machine, with dates relative to today.

Every customer has the tag `sample` and an id of a form of its own, so that they can be found and removed. All
addresses are at example.com. As in real data, some have no name or address, or have not consented.
"""

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

TAG = "sample"

PREFIX = "S-"
_ID = re.compile(r"S-(?:[0-9a-f]{6}-)?[0-9]{5}")

FIRST_NAMES = """
    Amara Anna Arjun Aisha Ben Carlos Chen Chloe Daniel Diego Ella Emma Farah Felix Grace Hana Hugo Ines
    Isla Ivan Jack Jonas Julia Kai Kavya Lara Leo Lina Lucas Maya Mei Mia Mira Mohan Nadia Nina Noah
    Nora Olga Omar Oscar Priya Ravi Rosa Ruth Sam Sara Sofia Tariq Theo Tom Uma Vera Viktor Wei Yara
    Yusuf Zoe
""".split()  # noqa: SIM905  # as a list it takes a page
LAST_NAMES = """
    Adams Ahmed Baker Bauer Bianchi Brown Chen Costa Dubois Evans Fischer Garcia Green Gupta Hall Hansen
    Ito Jansen Jones Kapoor Khan Kim Kowalski Laurent Lopez Martin Meyer Moore Moreau Nair Novak Okafor
    Patel Petrov Rao Rossi Sato Schmidt Shah Silva Singh Smith Svensson Tanaka Taylor Torres Turner
    Walker Weber Wong
""".split()  # noqa: SIM905  # as a list it takes a page
PLACES = (
    ("United Kingdom", ("London", "Leeds", "Bristol", "Glasgow"), "+44 20 7946 0", 40),
    ("Germany", ("Berlin", "Hamburg", "Munich"), "+49 30 23125 ", 15),
    ("France", ("Paris", "Lyon", "Nantes"), "+33 1 99 00 ", 12),
    ("Netherlands", ("Amsterdam", "Utrecht"), "+31 85 8880 ", 8),
    ("Spain", ("Madrid", "Valencia"), "+34 91 855 ", 8),
    ("India", ("Mumbai", "Bengaluru", "Pune"), "+91 22 5550 ", 10),
    ("United States", ("Austin", "Denver"), "+1 202 555 0", 7),
)
CATEGORIES = {"shoes": 60, "jackets": 120, "accessories": 25, "sports": 70, "home": 45, "books": 15}
TAGS = {"newsletter": 0.45, "vip": 0.06, "app": 0.3, "wholesale": 0.05}
STATUSES = {"completed": 86, "pending": 5, "cancelled": 6, "refunded": 3}

Record = dict[str, Any]


def customers(count: int, today: datetime, prefix: str = PREFIX) -> Iterator[Record]:
    """`count` customers as the ingest API takes them, with ids that begin with `prefix`."""
    for number in range(count):
        chance = random.Random(f"customer {number}")  # noqa: S311  # play data
        yield _customer(number, chance, today, prefix)


def orders(count: int, customer_count: int, today: datetime, prefix: str = PREFIX) -> Iterator[Record]:
    """`count` orders of those customers: some customers have many, about a fifth none."""
    chance = random.Random("orders")  # noqa: S311  # play data
    buyers = [number for number in range(customer_count) if number % 5 != 3]
    weights = [1 / (1 + rank / 60) for rank in range(len(buyers))]
    chance.shuffle(weights)
    for number, buyer in enumerate(chance.choices(buyers, weights, k=count) if buyers else ()):
        yield _order(number, buyer, chance, today, prefix)


def prefix_of(token: str) -> str:
    """What the ids of one load begin with. Each load has other ids, because erased customers stay erased."""
    return f"{PREFIX}{token}-"


def is_sample(customer_id: str) -> bool:
    """Whether an id has the form of the sample. A customer with it and the tag is a sample customer."""
    return _ID.fullmatch(customer_id) is not None


def _customer_id(number: int, prefix: str) -> str:
    return f"{prefix}{number + 1:05d}"


def _customer(number: int, chance: random.Random, today: datetime, prefix: str) -> Record:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    country, cities, dial, _ = chance.choices(PLACES, [place[3] for place in PLACES])[0]
    since = _days_before(today, chance.uniform(20, 1100), chance)
    idle = min(chance.expovariate(1 / 70), (today - since).days - 1)
    last_active = _days_before(today, max(idle, 0.1), chance)
    record: Record = {
        "customer_id": _customer_id(number, prefix),
        "city": chance.choice(cities),
        "country": country,
        "created_at": _text(since),
        "visits": int(chance.expovariate(1 / 9)),
        "last_active_at": _text(last_active),
        "tags": [TAG, *(tag for tag, share in TAGS.items() if chance.random() < share)],
        "consent": chance.random() >= 0.08,
        "attributes": {
            "loyalty": chance.choices(("none", "bronze", "silver", "gold"), (50, 25, 16, 9))[0],
            "language": chance.choice(("en", "de", "fr", "es", "nl")),
            "app_installed": chance.random() < 0.35,
            "shoe_size": float(chance.randrange(35, 47)),
        },
        "updated_at": _text(last_active),
    }
    if chance.random() >= 0.04:
        record["name"] = f"{first} {last}"
    if chance.random() >= 0.06:
        record["email"] = f"{first}.{last}.{number + 1}@example.com".lower()
    if chance.random() >= 0.3:
        record["phone"] = f"{dial}{chance.randrange(100, 1000)}"
    if chance.random() < 0.7:
        born = today - timedelta(days=chance.randrange(18 * 365, 75 * 365))
        record["birthday"] = born.date().isoformat()
    if chance.random() < 0.12:
        record["consents"] = {chance.choice(("email", "sms")): False}
    return record


def _order(number: int, buyer: int, chance: random.Random, today: datetime, prefix: str) -> Record:
    category = chance.choice(list(CATEGORIES))
    # One buyer in forty is a shop that orders in bulk: the high spenders.
    amount = CATEGORIES[category] * chance.lognormvariate(0, 0.5) * (60 if buyer % 40 == 1 else 1)
    placed = _days_before(today, min(chance.expovariate(1 / 160), 1000), chance)
    return {
        "order_id": f"{prefix.replace('S-', 'SO-', 1)}{number + 1:06d}",
        "customer_id": _customer_id(buyer, prefix),
        "amount": round(-amount / 2 if chance.random() < 0.02 else amount, 2),
        "currency": "GBP",
        "status": chance.choices(list(STATUSES), list(STATUSES.values()))[0],
        "category": category,
        "placed_at": _text(placed),
        "updated_at": _text(placed + timedelta(minutes=chance.randrange(1, 60))),
    }


def _days_before(today: datetime, days: float, chance: random.Random) -> datetime:
    return today - timedelta(days=days, seconds=chance.randrange(3600))


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
