"""Settings: one frozen class per function, read once from the environment.

The field `api_url` is read from `CRM_API_URL`. A missing or invalid variable stops the start with a message
that names it. No secret may be set to an empty or short text: a secret left empty would let anybody in, or
leave out what somebody meant to set up. Only the secrets of what is optional may be left unset: the vendor's
key in the campaigns function, and Gemini's.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

PREFIX = "CRM_"

DEVELOPMENT = "dev"
"""The version of what nobody deployed."""

T = TypeVar("T")

Rate = Annotated[float, Field(ge=0, le=1)]
"""A share, from 0 to 1."""

Price = Annotated[str, Field(pattern=r"^([0-9]{1,9}(\.[0-9]{1,9})?)?$")]
"""An amount of money; empty if it is not known."""

RateLimit = Annotated[str, Field(pattern=r"^[a-z_]+=[1-9][0-9]{0,8}/[1-9][0-9]{0,4}$")]
"""`<class>=<calls>/<seconds>`, see `crm.access.rate_budgets`; the class `all` means every one."""

RetentionDays = Annotated[str, Field(pattern=r"^[a-z_]+=[1-9][0-9]{0,3}$")]
"""`<period>=<days>`, see `crm.retention.PERIODS`."""

Ledger = Annotated[str, Field(pattern=r"^(gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]|file:///.+)$")]
"""Where erasures are entered, see `crm.privacy.ledgers`: `gs://<bucket>` or `file:///<folder>`."""

MIN_SECRET = 16
"""Least characters of a secret; a shorter one could be guessed."""

MIN_KEY = 32
"""Least characters of a secret from which others are derived."""


def _secret(least: int) -> AfterValidator:
    def check(text: str) -> str:
        if not text.strip():
            raise ValueError("is empty: set it to a secret, or unset it where it is optional")
        if text != text.strip():
            raise ValueError("begins or ends with a space or a line end, which is no part of a secret")
        if not text.isprintable():
            raise ValueError("has a control character, which is no part of a secret")
        if len(text) < least:
            raise ValueError(f"has fewer than {least} characters: it could be guessed")
        return text

    return AfterValidator(check)


Secret = Annotated[str, _secret(MIN_SECRET)]

Key = Annotated[str, _secret(MIN_KEY)]
"""A secret from which others are derived."""


class ConfigurationError(RuntimeError):
    """Settings are missing or invalid; the message lists every such variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every function reads."""

    project: str
    version: str = DEVELOPMENT
    """What was deployed, by `git describe`; see `running_version`."""
    database: str = "(default)"
    """Lets an installation move to another database, such as a restored one."""
    topic_prefix: str = ""
    """Lets two installations share a project."""
    certs_url: str = "https://www.googleapis.com/oauth2/v1/certs"
    """Where the certificates of identity tokens are published."""
    issuers: tuple[str, ...] = ("https://accounts.google.com", "accounts.google.com")
    """Accepted issuers of identity tokens."""
    push_audience: str = ""
    """The audience of push subscriptions' tokens."""
    push_account: str = ""
    """The service account of push subscriptions and the scheduler."""
    push_token_in_query: bool = False
    """Whether the token may be in the URL: the Pub/Sub emulator sends no Authorization header."""
    rate_limits: tuple[RateLimit, ...] = ()
    """Limits in place of `crm.access.rate_budgets.BUDGETS`, such as `ingest=6000/60,previews=900/60`."""
    retention: tuple[RetentionDays, ...] = ()
    """Periods in place of those of `crm.retention.PERIODS`, such as `audit_log=800,imports=7`."""
    trusted_hops: Annotated[int, Field(ge=1, le=9)] = 1
    """How many entries at the end of X-Forwarded-For proxies of ours have written: Cloud Run's front end one,
    a load balancer before it another. The first of them is the caller's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings(Settings):
    """The settings of ingest."""

    pack_window_ms: int = 4
    """How long a request waits for others to share a message with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings(Settings):
    """The settings of the consumer."""

    id_key: Key
    """Customers' keys are derived from it, see `crm.customers.customer_key`. It never changes."""
    commit_window_ms: int = 4
    """How long a push waits for others to share a commit with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsSettings(Settings):
    """The settings of the web app's API."""

    client_id: str
    """The OAuth client whose ID tokens sign people in."""
    session_secrets: tuple[Secret, ...]
    """Sign the session cookie: the first signs, all verify, so that secrets can be rotated."""
    webhook_key: Key
    """Webhook secrets are derived from it, see `crm.access.webhook_secrets.derive`."""
    id_key: Key
    """Customers' keys are derived from it, see `crm.customers.customer_key`. It never changes."""
    erasure_ledger: Ledger
    """The ledger of erasures, which outlives the database and its backups."""
    origins: tuple[str, ...]
    """The web app's own origins."""
    hosted_domain: str = ""
    """Limits sign-in to accounts of a Google Workspace domain."""
    secure_cookies: bool = True
    time_zone: str = "UTC"
    """The project's time zone, for days and birthdays."""
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    """The currency (ISO 4217) of the project's amounts, if they have one."""
    identity_url: str = ""
    """The local stack's own issuer of identity tokens."""
    vendor_url: str = ""
    """With a vendor, marketers can send test messages to themselves."""
    vendor_key: Secret = ""
    price_simulator: Price = ""
    """The price of a message per channel, in `currency`; for estimates."""
    price_email: Price = ""
    price_sms: Price = ""
    messages_per_second: Annotated[float, Field(gt=0)] = 300.0
    """What deliver sends without a rate limit; for estimates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverSettings(Settings):
    """The settings of deliver. Times in seconds unless named otherwise; `crm.topology.Push` orders them."""

    vendor_url: str
    vendor_key: Secret
    public_url: str
    """The web app's URL, for links in messages."""
    unsubscribe_keys: tuple[Key, ...]
    """Sign links in messages: the first signs, all verify."""
    id_key: Key
    """Customers' keys are derived from it, see `crm.customers.customer_key`. It never changes."""
    vendor_timeout: float = 20.0
    lease: int = 120
    """How long a worker holds a chunk."""
    receipt_silence_hours: float = 72.0
    """After this time without a receipt a message's status is final."""
    stall_minutes: float = 30.0
    """Alert after this long without progress."""
    schedule_grace_minutes: float = 60.0
    """A scheduled campaign that could not start within this time is missed rather than sent late."""
    circuit_breaker_threshold: Rate = 0.5
    """A campaign pauses if this share of its last messages failed."""
    circuit_breaker_minimum: Annotated[int, Field(ge=1)] = 200
    """Least number of messages for `circuit_breaker_threshold`."""
    vendor_memory_hours: Annotated[float, Field(ge=1)] = 24.0
    """The vendor's idempotency window: how long it recognises a message by its id."""
    backup_within_hours: Annotated[float, Field(ge=0)] = 0
    """Report a database without a backup of the last hours; 0 where nobody makes backups."""
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsSettings(Settings):
    """The settings of receipts."""

    webhook_secrets: tuple[Secret, ...]
    """Standard Webhooks secrets (`whsec_…`), several during a rotation."""
    webhook_key: Key
    """The secrets that administrators create in the web app are derived from it."""
    unsubscribe_keys: tuple[Key, ...]
    """Verify links in messages."""
    id_key: Key
    """Customers' keys are derived from it, see `crm.customers.customer_key`. It never changes."""
    pack_window_ms: int = 4
    """How long a callback waits for others to share a message with."""
    commit_window_ms: int = 4
    """How long a push waits for others to share a commit with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarizeSettings(Settings):
    """The settings of summarize."""

    session_secrets: tuple[Secret, ...]
    origins: tuple[str, ...]
    """The web app's own origins."""
    gemini_key: Secret = ""
    """Without a key, summaries are written by rules."""
    gemini_model: str = "gemini-3.8-flash"
    gemini_url: str = ""
    """Another server in place of Google's."""
    gemini_timeout: float = 20.0
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSettings(Settings):
    """The settings of the simulated vendor. Rates are shares from 0 to 1, times in seconds.

    What happens to a message is drawn from its id and `seed`, so every call has the same result.
    """

    vendor_key: Secret
    webhook_url: str
    webhook_secret: Secret
    rejected_rate: Rate = 0.0
    """Share of the messages that are rejected in the response."""
    failure_rate: Rate = 0.1
    """Share of the accepted messages that fail; the others are delivered."""
    opened_rate: Rate = 0.0
    """Share of the delivered messages that are opened."""
    clicked_rate: Rate = 0.0
    """Share of the opened messages that are clicked."""
    duplicate_rate: Rate = 0.0
    """Share of the messages whose receipts are sent twice."""
    reorder_rate: Rate = 0.0
    """Share of the messages whose receipts are sent in the wrong order."""
    receipt_delay: Annotated[float, Field(ge=0, le=3600)] = 0.3
    """Time from acceptance to the receipts."""
    callback_batch: Annotated[int, Field(ge=1, le=1000)] = 100
    """Receipts per call."""
    throttle_rate: Rate = 0.0
    """Share of the calls that are answered with 429."""
    error_rate: Rate = 0.0
    """Share of the calls that are answered with 503 before anything is accepted."""
    timeout_rate: Rate = 0.0
    """Share of the calls that are accepted and then not answered for `hang` seconds."""
    hang: Annotated[float, Field(ge=0)] = 60.0
    keep_content: bool = False
    """Whether the ledger stores the recipient and text of each message."""
    seed: str = "vendor"


def running_version(environ: Mapping[str, str] = os.environ) -> str:
    """The version that this process runs, also for what has no settings, such as the log."""
    return environ.get(f"{PREFIX}VERSION") or DEVELOPMENT


def load(cls: type[T], environ: Mapping[str, str] = os.environ) -> T:
    """Settings of class `cls` from `environ`; lists are separated by commas. Raises ConfigurationError."""
    raw: dict[str, Any] = {}
    faults: list[str] = []
    for field in fields(cls):  # type: ignore[arg-type]  # every settings class is a dataclass
        variable = PREFIX + field.name.upper()
        text = environ.get(variable)
        if text is None:
            if field.default is MISSING:
                faults.append(f"{variable} is not set")
            continue
        is_list = str(field.type).startswith("tuple")
        raw[field.name] = [part.strip() for part in text.split(",") if part.strip()] if is_list else text
        if is_list and field.default is MISSING and not raw[field.name]:
            faults.append(f"{variable} is empty")
    if not faults:
        try:
            return TypeAdapter(cls).validate_python(raw)
        except ValidationError as error:
            faults = [_fault(each) for each in error.errors(include_url=False, include_input=False)]
    raise ConfigurationError("; ".join(faults))


def _fault(error: ErrorDetails) -> str:
    """A sentence without the value, which may be a secret."""
    variable = PREFIX + str(error["loc"][0]).upper()
    if error["type"] == "value_error":
        return f"{variable} {error['ctx']['error']}"
    return f"{variable}: {error['msg']}"
