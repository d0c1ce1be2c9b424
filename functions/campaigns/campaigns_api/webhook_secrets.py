"""Secrets with which vendors sign receipts: for administrators. Changing them needs no deployment."""

from datetime import datetime

from pydantic import Field

from campaigns_api.ids import SecretId
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.store.webhook_secrets import new_id
from crm.access.webhook_secrets import derive
from crm.entry.routing import Router
from crm.platform.clock import now

router = Router(prefix="/webhook-secrets", tags=["webhook secrets"])


class SecretResponse(ResponseModel):
    """A valid secret without its text. `last_used_at` is exact to ten minutes."""

    id: str
    created_by: str
    created_at: datetime
    last_used_at: datetime | None


class CreatedSecret(SecretResponse):
    """A new secret with its text, which is not stored: this is the only time it is shown."""

    secret: str = Field(examples=["whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g="])


@router.get("")
async def all_secrets(services: Services) -> Page[SecretResponse]:
    """The valid secrets, newest first, without those in the installation's settings."""
    return Page(
        data=[SecretResponse.model_validate(each) for each in await services.webhook_secrets.live_secrets()]
    )


@router.post("", status_code=201)
async def create(services: Services, person: Caller) -> CreatedSecret:
    """Create another secret, valid immediately together with the others; at most ten."""
    secret_id = new_id()
    async with services.audited(person, "webhook_secret.create", secret_id):
        info = await services.webhook_secrets.create(secret_id, person.email, now())
    text = derive(services.settings.webhook_key, secret_id)
    return CreatedSecret(**SecretResponse.model_validate(info).model_dump(), secret=text)


@router.delete("/{id}", status_code=204)
async def end(secret_id: SecretId, services: Services, person: Caller) -> None:
    """Revoke a secret. It may be valid for another 15 seconds."""
    async with services.audited(person, "webhook_secret.end", secret_id):
        await services.webhook_secrets.revoke(secret_id)
