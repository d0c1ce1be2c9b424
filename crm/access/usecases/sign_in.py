"""Sign a person in: an identity token's verified claims become a person who is a member here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from crm.access.audit_events import AuditEvent
from crm.access.members import Member, SignedIn, normal_email
from crm.kernel.errors import Forbidden, Unauthenticated
from crm.kernel.ids import document_id


class MemberStore(Protocol):
    """Who may sign in."""

    async def read(self, email: str) -> Member | None:
        """The member of this address, as of now."""

    async def bind(self, member: Member, subject: str) -> Member:
        """Tie the member to the account that signed in first."""


async def sign_in(
    claims: Mapping[str, Any], nonce: str | None, hosted_domain: str, members: MemberStore
) -> SignedIn:
    """Who signed in. `claims` are of a token whose signature, audience, issuer and times hold already.

    `nonce` is what the page says it asked the issuer to put into the token.
    Raises Unauthenticated where the token is not for this attempt, Forbidden where its owner may not come in.
    """
    if claims.get("nonce") != nonce:
        raise Unauthenticated("The identity token was not made for this sign-in. Sign in again.")
    email, subject = claims.get("email"), claims.get("sub")
    if not isinstance(email, str) or not isinstance(subject, str) or not subject:
        raise Unauthenticated("The identity token names no account with an e-mail address.")
    if claims.get("email_verified") is not True:
        raise Forbidden(f"The address {email} is not verified. Verify it with your account's provider.")
    if hosted_domain and claims.get("hd") != hosted_domain:
        raise Forbidden(f"Only accounts of {hosted_domain} may sign in here.")
    email = normal_email(email)
    member = await members.read(email)
    if member is None:
        raise Forbidden(f"{email} is not a member here. Ask an administrator of this CRM to add you.")
    if member.subject is None:
        member = await members.bind(member, subject)
    elif member.subject != subject:
        raise Forbidden(
            f"Another account signed in as {email} before. Ask an administrator to remove and add you again."
        )
    name = claims.get("name")
    return SignedIn(email=email, name=name if isinstance(name, str) else email, role=member.role)


def refused_sign_in(claims: Mapping[str, Any], reason: str, now: datetime) -> AuditEvent:
    """That somebody of these claims was refused. The same a day, so that who tries on and on fills no log."""
    email = normal_email(str(claims.get("email", "")))
    return AuditEvent(
        event_id=document_id(f"session.refuse\x1f{email}\x1f{reason}\x1f{now:%Y-%m-%d}"),
        at=now,
        by=email,
        action="session.refuse",
        subject=email,
        outcome="refused",
        reason=reason,
    )
