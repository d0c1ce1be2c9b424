"""What the use cases need of the outside, each a small Protocol named by that need."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from crm.domain.campaigns import Campaign, CampaignStatus, Chunk, Counts, LogRow, RowStatus
from crm.domain.customers import Customer
from crm.domain.dead_letters import DeadLetter, KeptLetter
from crm.domain.delivery import Claim, Outgoing, Verdict
from crm.domain.figures import Figures
from crm.domain.freezing import Frozen, FrozenList, FrozenPart
from crm.domain.orders import Order
from crm.domain.receipts import EarlyReceipts, Quarantined, Receipt, RowChange, SeenRow
from crm.domain.reconciliation import Moment, Progress, Recount, Tally
from crm.domain.summary import Summary

if TYPE_CHECKING:
    from crm.audience.snapshot import Snapshot  # polars, which few functions need, takes long to import


class Broker(Protocol):
    """Where messages to other functions go."""

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        """Return once every message is durable; raise Unavailable otherwise."""


# Receipts


class ReceiptBook(Protocol):
    """The rows that receipts speak of, and the receipts that came before their row."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def early(self, message_ids: Sequence[str]) -> Sequence[EarlyReceipts]:
        """What came early of these messages, quarantined or not."""

    async def waiting(self, limit: int) -> Sequence[str]:
        """Up to `limit` messages that wait for their row; over many calls each has its turn."""

    async def to_look_at(self, now: datetime, limit: int) -> Sequence[str]:
        """Up to `limit` messages in quarantine whose row should be looked for again."""

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        early: Sequence[Receipt] = (),
        joined: Sequence[EarlyReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        """At once or not at all: change the rows and move the counters with them, keep `early`, forget
        `joined`, and put off `quarantined`. Raises Conflict where any of it has changed since."""


# Summaries


class CampaignLookup(Protocol):
    """Finds one campaign."""

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""


class CountsReader(Protocol):
    """Tells what became of campaigns' messages."""

    async def read(self, campaigns: Sequence[Campaign]) -> Mapping[str, Mapping[str, Counts]]:
        """Counts by campaign and group, "all" among them, of one consistent reading."""


class SummaryShelf(Protocol):
    """Keeps the latest summary of each campaign."""

    async def read(self, campaign_id: str) -> tuple[Summary | None, object]:
        """The latest summary, and a mark of the reading for `keep`."""

    async def keep(self, summary: Summary, mark: object) -> bool:
        """Store the summary unless somebody stored one since the reading; whether it was stored."""


class SummaryWriter(Protocol):
    """A model that writes a few sentences on figures."""

    @property
    def model(self) -> str:
        """The model's name."""

    async def write(self, figures: Figures, name: str, refused: Sequence[str]) -> str:
        """The text. `refused` says what was wrong with the last one. Raises NotWritten where there is none.

        `name` is the campaign's name: data, never an instruction.
        """


# Delivery


class CampaignBook(Protocol):
    """The campaigns, each change a compare-and-set."""

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""

    async def tended(self) -> Sequence[Campaign]:
        """Every campaign that the tick may have work with."""

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Campaign]:
        """Up to `limit` campaigns whose rows should be counted once more by now."""

    async def transition(
        self,
        campaign_id: str,
        from_statuses: Collection[str],
        to: CampaignStatus,
        expected: Campaign | None = None,
        frozen: FrozenList | None = None,
        **changes: Any,
    ) -> Campaign:
        """Move to a status and change fields in one step; only from `expected`, where that is given, and
        only with a list `frozen` that nobody has dropped.

        Raises Conflict, NotFound.
        """


class Audience(Protocol):
    """All customers, as rules see them."""

    async def snapshot(self) -> "Snapshot":
        """The newest state. Raises Unavailable."""


class FrozenLists(Protocol):
    """Lists of recipients, as launches found them. Of those for one launch its campaign names one."""

    async def write(
        self, campaign_id: str, partitions: Sequence[Sequence[str]], check_at: datetime
    ) -> FrozenList:
        """Keep the recipients. From `check_at` on somebody looks whether the list is needed."""

    async def part(self, name: str, number: int) -> FrozenPart | None:
        """One partition's recipients; None where they are in chunks already, or the list is gone."""

    async def left(self, name: str, limit: int) -> Sequence[int]:
        """Up to `limit` partitions whose recipients are not in chunks."""

    async def to_check(self, now: datetime, limit: int) -> Sequence[FrozenList]:
        """Up to `limit` lists that somebody should look after."""

    async def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        """Look after it again then. Raises Conflict where it has changed since it was read."""

    async def drop(self, unwanted: FrozenList) -> None:
        """Delete it, so that no campaign can name it. Raises Conflict where it has changed since."""

    async def forget(self, name: str) -> None:
        """Delete a list that its campaign has named and needs no more. Safe to repeat."""


class FrozenAudience(Protocol):
    """The audience of a campaign in chunks, partition by partition."""

    async def freeze(
        self, campaign: Campaign, partition: int, part: FrozenPart, chunks: Sequence[Chunk], due_at: datetime
    ) -> None:
        """Put a marker and chunks in place of a part of the frozen list, at once. Raises Conflict where the
        part is not as it was read."""

    async def discard(self, campaign_id: str) -> None:
        """Delete all chunks and markers. Safe to repeat."""

    async def frozen(self, campaign_id: str, partitions: int) -> Mapping[int, Frozen]:
        """The markers that exist, by partition."""

    async def pending(self, campaign_id: str) -> Sequence[str]:
        """The ids of all chunks that are not done."""

    async def due(self, campaign_id: str, now: datetime, limit: int) -> Sequence[str]:
        """The ids of up to `limit` chunks that are not done and that nobody seems to work on."""

    async def postpone(
        self, campaign_id: str, chunk_ids: Sequence[str], now: datetime, until: datetime
    ) -> None:
        """Let these not be due before `until`, where they are due now."""

    async def last_done(self, campaign_id: str) -> datetime | None:
        """When the chunk that was done last was done."""


class ChunkWork(Protocol):
    """One chunk in the hands of one worker."""

    async def claim(self, campaign_id: str, chunk_id: str, now: datetime, until: datetime) -> Claim | None:
        """The chunk under a lease; None where it is done or another worker holds it.

        Raises Resting while the chunk rests because the vendor asked to wait, NotFound.
        """

    async def release(self, claim: Claim, *, in_doubt: bool, rest_until: datetime | None) -> None:
        """Give the chunk back. Raises Conflict where the lease was lost."""

    async def finish(self, claim: Claim, rows: Sequence[LogRow], now: datetime) -> None:
        """Write the rows, count them, mark the chunk done, all at once. Raises Conflict without the lease."""


class Recipients(Protocol):
    """The customers as they are now."""

    async def get(self, ids: Sequence[str]) -> Mapping[str, Customer]:
        """Those that exist, by id."""


class Vendor(Protocol):
    """Who carries the messages."""

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, Verdict]:
        """Hand over a batch; what was said of each, by message id. Raises VendorAway, VendorRefused."""


class SentMessages(Protocol):
    """The communication log, read by campaign."""

    async def of_campaign(
        self, campaign_id: str, limit: int, status: RowStatus | None = None, after: str | None = None
    ) -> Sequence[LogRow]:
        """Up to `limit` rows by message id."""


class CampaignCounts(Protocol):
    """The counts of campaigns."""

    async def read(self, campaigns: Sequence[Campaign]) -> Mapping[str, Mapping[str, Counts]]:
        """By campaign and group, from one consistent read."""


# Persisting records

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A row as read. `revision` is the reader's own: a change that names it fails if the row has moved on."""

    row: T
    revision: object


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """A row as it becomes, in place of the one that was `seen`; None where there was none."""

    row: T
    seen: Seen[T] | None


class Books(Protocol):
    """Where customers, their orders and what could not be stored are kept."""

    async def read(
        self, customer_ids: Collection[str], order_ids: Collection[str]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        """The customers and orders that exist, by id."""

    async def orders_of(self, customer_id: str) -> Sequence[Order]:
        """Every order of a customer."""

    async def commit(
        self,
        customers: Sequence[Change[Customer]],
        orders: Sequence[Change[Order]],
        letters: Sequence[DeadLetter],
    ) -> None:
        """All at once or not at all. Raises Conflict where a row is not as it was seen, TooLarge where this
        is more than one commit takes, Invalid where the database refuses what it says, and Unavailable."""


class DeadLetters(Protocol):
    """Where an operator finds what could not be processed."""

    async def keep(self, letter: DeadLetter) -> None:
        """Return once the letter is durable; raise Unavailable otherwise."""


# Reconciliation


class CountBook(Protocol):
    """A campaign's counters and rows, read at one moment."""

    async def moment(self, campaign: Campaign) -> Moment:
        """The counters as they are now, and a name for this now."""

    async def counted(self, campaign_id: str, moment: Moment) -> Mapping[RowStatus, int]:
        """How many rows of each status there were at the moment, without reading them."""

    async def rows(self, campaign_id: str, moment: Moment, after: str | None = None) -> Sequence[LogRow]:
        """The next rows by message id, as they were at the moment; none after the last."""

    async def waiting(self, campaign_id: str, moment: Moment, after: str | None = None) -> Sequence[Chunk]:
        """The next chunks by id that were not done at the moment; none after the last."""

    async def heal(self, campaign_id: str, moment: Moment, lacking: Tally, now: datetime) -> None:
        """Add to the counters what they lacked at the moment. Raises Conflict where they were corrected
        since."""

    async def recount_of(self, campaign_id: str) -> Recount | None:
        """The counting that is under way."""

    async def keep_recount(self, campaign_id: str, recount: Recount | None) -> None:
        """Remember how far a counting came, or with None that none is under way."""


class ProgressBook(Protocol):
    """What the tick saw of each campaign when it last looked."""

    async def read(self, campaign_ids: Sequence[str]) -> Mapping[str, Progress]:
        """The progress that is known, by campaign."""

    async def write(self, campaign_id: str, progress: Progress) -> None:
        """Remember it."""


class VendorBooks(Protocol):
    """The vendor's own books."""

    async def look_up(self, message_ids: Sequence[str]) -> Mapping[str, Verdict]:
        """What the vendor says of each message that it knows. Raises Unavailable."""


# Rework


class ReworkBook(Protocol):
    """Rows that are moved because somebody decided so."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def commit(self, changes: Sequence[RowChange], chunk: Chunk | None, due_at: datetime) -> None:
        """At once or not at all: change the rows, move the counters, add the chunk. Raises Conflict where a
        row has changed since."""


class KeptLetters(Protocol):
    """Dead letters that an operator deals with."""

    async def mark_replayed(self, kept: KeptLetter, now: datetime) -> None:
        """Note that it was published again. Raises Conflict where it has come back since."""
