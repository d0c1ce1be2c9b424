"""The limits of the API, for clients that state them before the server refuses."""

from typing import Any

from pydantic import ConfigDict, Field

from campaigns_api import customers, imports, keys, messages
from campaigns_api.responses import ResponseModel
from campaigns_api.services import MAX_PAGE
from crm import retention
from crm.audience.rules.parse import MAX_DEPTH, MAX_RULES
from crm.audience.rules.values import MAX_LIST, MAX_TEXT
from crm.campaigns import campaign, rate_limit
from crm.campaigns.message import MAX_SUBJECT_SOURCE
from crm.campaigns.metered_liquid import MAX_OUTPUT
from crm.campaigns.template_sources import MAX_TAGS
from crm.campaigns.template_values import MAX_ITEMS
from crm.campaigns.templates import MAX_SOURCE
from crm.customers.batches import MAX_BATCH
from crm.customers.values import MAX_EMAIL
from crm.entry.routing import Router
from crm.imports.file_import import MAX_FILE, MAX_ROWS
from crm.sample.usecases.load_sample import CUSTOMERS
from crm.segments import segment

router = Router(prefix="/limits", tags=["limits"])


def _all_required(schema: dict[str, Any]) -> None:
    """Defaults are sent, so clients may rely on every limit."""
    schema["required"] = list(schema["properties"])


class LimitsResponse(ResponseModel):
    """Lengths are in characters, sizes in bytes, rates in messages a minute."""

    model_config = ConfigDict(json_schema_extra=_all_required)

    campaign_name: int = campaign.MAX_NAME
    segment_name: int = segment.MAX_NAME
    api_key_name: int = keys.MAX_NAME
    email: int = MAX_EMAIL
    customer_search: int = customers.MAX_QUERY
    message_subject: int = MAX_SUBJECT_SOURCE
    message_body: int = MAX_SOURCE
    message_tags: int = MAX_TAGS
    """Tags and outputs of a template."""
    message_range: int = MAX_ITEMS
    """Numbers of a range, items of a list and turns of a loop in a template."""
    rendered_message: int = MAX_OUTPUT
    rate_slowest: int = rate_limit.SLOWEST
    rate_fastest: int = rate_limit.FASTEST
    chunk_size: int = campaign.CHUNK_SIZE
    """Most messages of one call to the vendor: a rate cannot be changed to less than one chunk."""
    rule_depth: int = MAX_DEPTH
    """Groups within groups."""
    rules: int = MAX_RULES
    rule_text: int = MAX_TEXT
    rule_list: int = MAX_LIST
    """Values of one list."""
    page: int = MAX_PAGE
    """Rows of one page of a list."""
    previews: int = messages.MAX_PREVIEWS
    """Customers of one call of `/messages/previews`."""
    ingest_batch: int = MAX_BATCH
    """Records of one batch that a system posts."""
    import_file: int = MAX_FILE
    import_rows: int = MAX_ROWS
    import_columns_sample: int = imports.COLUMNS_SAMPLE
    """Bytes of a file that are enough to guess its columns."""
    audit_days: int = Field(default_factory=lambda: retention.kept("audit_log").days)
    """Days that the audit log goes back."""
    sample_customers: int = CUSTOMERS
    """Customers of the sample data."""


@router.get("")
async def limits() -> LimitsResponse:
    """Every limit that a client may want to show or check."""
    return LimitsResponse()
