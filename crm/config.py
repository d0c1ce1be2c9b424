"""Settings: one frozen class a function, read once from the environment.

A field `api_url` is read from `CRM_API_URL`. A missing or ill-formed variable stops the start with a sentence
that names it; nothing secret has a default.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

PREFIX = "CRM_"

T = TypeVar("T")

Rate = Annotated[float, Field(ge=0, le=1)]
"""A share of all, from 0 to 1."""

Price = Annotated[str, Field(pattern=r"^([0-9]{1,9}(\.[0-9]{1,9})?)?$")]
"""An amount of money, or nothing where it is not known."""


Key = Annotated[str, Field(min_length=32)]
"""A secret that others are made of: long, for it must not be guessed."""


class ConfigurationError(RuntimeError):
    """The environment does not say what the function needs; the message lists every variable at fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every function reads. `certs_url` and `issuers` say whose identity tokens count.

    `database` and `topic_prefix` let two installations live in one project, and one move to another
    database, such as one that was restored.
    """

    project: str
    database: str = "(default)"
    topic_prefix: str = ""
    certs_url: str = "https://www.googleapis.com/oauth2/v1/certs"
    issuers: tuple[str, ...] = ("https://accounts.google.com", "accounts.google.com")
    push_audience: str = ""
    push_account: str = ""
    push_token_in_query: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings(Settings):
    """`pack_window_ms` is how long concurrent requests wait for one another to share a message."""

    pack_window_ms: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings(Settings):
    """`commit_window_ms` is how long concurrent pushes wait for one another to share a commit."""

    commit_window_ms: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsSettings(Settings):
    """`client_id` is the OAuth client whose ID tokens sign people in; `hosted_domain` narrows it, if set.

    `session_secrets` sign the cookie: the first signs, all verify, so that a secret can be rotated.
    `origins` are the web app's own origins. `time_zone` is the project's, for days and birthdays; `currency`
    (ISO 4217) that of its amounts, if they have one.
    With a vendor, marketers can send a test message to themselves.
    `webhook_key` is what webhook secrets are made of, see `crm.access.webhook_secrets.derive`.

    `price_…` is what a message costs on a channel, in `currency`, where the operator knows;
    `messages_per_second` what deliver makes when no rate holds it back. Both only feed estimates.
    """

    client_id: str
    session_secrets: tuple[str, ...]
    webhook_key: Key
    origins: tuple[str, ...]
    hosted_domain: str = ""
    secure_cookies: bool = True
    time_zone: str = "UTC"
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    identity_url: str = ""
    vendor_url: str = ""
    vendor_key: str = ""
    price_simulator: Price = ""
    price_email: Price = ""
    price_sms: Price = ""
    messages_per_second: Annotated[float, Field(gt=0)] = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverSettings(Settings):
    """Times in seconds, unless named otherwise; see `crm.topology.Push` for the order that they keep.

    A campaign of which nothing moves for `stall_minutes` says so. A scheduled one that could not be started
    within `schedule_grace_minutes` is missed, and not sent by surprise. One pauses by itself where a share of
    `circuit_threshold` of the last messages, at least `circuit_minimum`, failed. The vendor knows a message
    by its id for `vendor_memory_hours`, and then takes it for a new one.

    `public_url` is the web app's, for links in messages. `unsubscribe_keys` sign these: the first signs, all
    count.
    """

    vendor_url: str
    vendor_key: str
    public_url: str
    unsubscribe_keys: tuple[Key, ...]
    vendor_timeout: float = 20.0
    lease: int = 120
    receipt_silence_hours: float = 72.0
    stall_minutes: float = 30.0
    schedule_grace_minutes: float = 60.0
    circuit_threshold: Rate = 0.5
    circuit_minimum: Annotated[int, Field(ge=1)] = 200
    vendor_memory_hours: Annotated[float, Field(ge=1)] = 24.0
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsSettings(Settings):
    """`webhook_secrets` are Standard Webhooks secrets (`whsec_…`), several while one is being rotated;
    administrators make more in the web app, of `webhook_key`.

    `unsubscribe_keys` are those that links in messages are signed with.

    `pack_window_ms` is how long concurrent callbacks wait for one another to share a message,
    `commit_window_ms` how long concurrent pushes wait to share a commit.
    """

    webhook_secrets: tuple[str, ...]
    webhook_key: Key
    unsubscribe_keys: tuple[Key, ...]
    pack_window_ms: int = 4
    commit_window_ms: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarizeSettings(Settings):
    """Without `gemini_key` summaries are made by rules. `gemini_url` is for a server other than Google's."""

    session_secrets: tuple[str, ...]
    gemini_key: str = ""
    gemini_model: str = "gemini-3.8-flash"
    gemini_url: str = ""
    gemini_timeout: float = 20.0
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSettings(Settings):
    """The simulated vendor's knobs. Rates are shares from 0 to 1, delays seconds.

    Of each message, by its id: `rejected_rate` are refused at once, of the others `failure_rate` fail and the
    rest is delivered; `opened_rate` of those are opened and `clicked_rate` of these clicked. Receipts leave
    `receipt_delay` after acceptance, `callback_batch` of them in a call (1 is a call a receipt);
    `duplicate_rate` of the messages have theirs sent twice, `reorder_rate` in the wrong order.
    Of each call: `throttle_rate` get 429, `error_rate` 503 before anything is accepted, and `timeout_rate`
    are accepted and then left without an answer for `hang` seconds.
    `keep_content` has the ledger keep recipient and text of each message.
    """

    vendor_key: str
    webhook_url: str
    webhook_secret: str
    rejected_rate: Rate = 0.0
    failure_rate: Rate = 0.1
    opened_rate: Rate = 0.0
    clicked_rate: Rate = 0.0
    duplicate_rate: Rate = 0.0
    reorder_rate: Rate = 0.0
    receipt_delay: Annotated[float, Field(ge=0)] = 0.3
    callback_batch: Annotated[int, Field(ge=1, le=1000)] = 100
    throttle_rate: Rate = 0.0
    error_rate: Rate = 0.0
    timeout_rate: Rate = 0.0
    hang: Annotated[float, Field(ge=0)] = 60.0
    keep_content: bool = False
    seed: str = "vendor"


def load(cls: type[T], environ: Mapping[str, str] = os.environ) -> T:
    """The settings of class `cls` from `environ`. Lists are separated by commas.

    Raises ConfigurationError that names every variable that is missing or wrong.
    """
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
    if not faults:
        try:
            return TypeAdapter(cls).validate_python(raw)
        except ValidationError as error:
            faults = [f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
    raise ConfigurationError("; ".join(faults))
