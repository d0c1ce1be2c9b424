"""The vendor's ledger over HTTP, read from the simulated vendor itself."""

from datetime import UTC, datetime

import pytest
from google.cloud.firestore import AsyncClient

from crm.channels.http_vendor_lookup import IDS_PER_CALL, HttpVendorLookup
from crm.channels.outgoing import SendResult
from crm.channels.simulator_ledger import LedgerEntry, SimulatorLedger
from crm.kernel.errors import Unavailable
from tests.identity import Issuer
from tests.support import load_function, serving

pytestmark = pytest.mark.emulator

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(name: str, reason: str | None = None) -> LedgerEntry:
    status = "accepted" if reason is None else "rejected"
    return LedgerEntry(message_id=name, status=status, reason=reason, at=NOON)  # type: ignore[arg-type]


async def test_what_the_vendor_says_of_each_message(
    project: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VENDOR_KEY", "WEBHOOK_URL", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"CRM_{name}", "whsec_dmVuZG9yIHZlbmRvciB2ZW5kb3I=")
    names = [f"{n:032x}" for n in range(IDS_PER_CALL + 1)]
    await SimulatorLedger(AsyncClient(project=project)).enter(
        [*map(entry, names), entry("bad", "no address")]
    )
    with serving(load_function("vendor").app) as url:
        lookup = HttpVendorLookup(url, "whsec_dmVuZG9yIHZlbmRvciB2ZW5kb3I=", 10)
        found = await lookup.look_up([*names, "bad", "never-seen"])
        assert found == {
            **dict.fromkeys(names, SendResult(status="accepted")),
            "bad": SendResult(status="rejected", reason="no address"),
        }
        assert await lookup.look_up([]) == {}
        with pytest.raises(Unavailable, match="cannot be read"):
            await HttpVendorLookup(url, "wrong", 10).look_up(names[:1])


async def test_a_vendor_that_is_away() -> None:
    with pytest.raises(Unavailable):
        await HttpVendorLookup("http://127.0.0.1:9", "key", 1).look_up(["a"])
