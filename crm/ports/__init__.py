"""What the use cases need of the outside, each a small Protocol named by that need."""

from crm.ports.audiences import Audience, FrozenAudience, FrozenLists
from crm.ports.broker import Broker
from crm.ports.campaigns import CampaignBook, CampaignCounts, CampaignLookup
from crm.ports.delivery import ChunkWork, Links, Recipients, ReworkBook, SentMessages, Vendor
from crm.ports.receipts import ReceiptBook
from crm.ports.reconciliation import CountBook, ProgressBook, VendorBooks
from crm.ports.records import Books, Change, CustomerBook, DeadLetters, KeptLetters, Seen
from crm.ports.summaries import SummaryShelf, SummaryWriter

__all__ = [
    "Audience",
    "Books",
    "Broker",
    "CampaignBook",
    "CampaignCounts",
    "CampaignLookup",
    "Change",
    "ChunkWork",
    "CountBook",
    "CustomerBook",
    "DeadLetters",
    "FrozenAudience",
    "FrozenLists",
    "KeptLetters",
    "Links",
    "ProgressBook",
    "ReceiptBook",
    "Recipients",
    "ReworkBook",
    "Seen",
    "SentMessages",
    "SummaryShelf",
    "SummaryWriter",
    "Vendor",
    "VendorBooks",
]
