"""Signs a person in: verified claims of an identity token become a signed-in member."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from crm.access.audit_events import AuditEvent
from crm.access.members import Member, SignedIn, normal_email
from crm.kernel.errors import Forbidden, Unauthenticated
from crm.kernel.ids import document_id


class MemberStore(Protocol):
    """Finds members and binds them to accounts."""

    async def find(self, email: str) -> Member | None:
        """The member of this address, as of now. Raises Unavailable."""

    async def bind(self, member: Member, subject: str) -> Member:
        """Bind the member to the account that signed in first. Raises Conflict, Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Signs members in. With a `hosted_domain`, only accounts of that Google Workspace domain."""

    members: MemberStore
    hosted_domain: str = ""

    async def __call__(self, claims: Mapping[str, Any], nonce: str | None) -> SignedIn:
        """The person who signed in. The token's signature, audience, issuer and times are verified already.

        `nonce` is the one that the page asked the issuer to put into the token. Raises Unauthenticated if the
        token is not for this attempt, Forbidden if its owner may not sign in, Unavailable.
        """
        email, subject = self._account(claims, nonce)
        member = await self.members.find(email)
        if member is None:
            raise Forbidden(f"{email} is not a member here. Ask an administrator of this CRM to add you.")
        if member.subject is None:
            member = await self.members.bind(member, subject)
        elif member.subject != subject:
            raise Forbidden(
                f"Another account signed in as {email} before. "
                "Ask an administrator to remove and add you again."
            )
        name = claims.get("name")
        return SignedIn(email=email, name=name if isinstance(name, str) else email, role=member.role)

    def _account(self, claims: Mapping[str, Any], nonce: str | None) -> tuple[str, str]:
        """The e-mail address and the subject of an account that may sign in here."""
        if claims.get("nonce") != nonce:
            raise Unauthenticated("The identity token was not made for this sign-in. Sign in again.")
        email, subject = claims.get("email"), claims.get("sub")
        if not isinstance(email, str) or not isinstance(subject, str) or not subject:
            raise Unauthenticated("The identity token names no account with an e-mail address.")
        if claims.get("email_verified") is not True:
            raise Forbidden(f"The address {email} is not verified. Verify it with your account's provider.")
        if self.hosted_domain and claims.get("hd") != self.hosted_domain:
            raise Forbidden(f"Only accounts of {self.hosted_domain} may sign in here.")
        return normal_email(email), subject


def refused_sign_in(claims: Mapping[str, Any], reason: str, now: datetime) -> AuditEvent:
    """The event of a refused sign-in. Its id is the same all day, so that repeated attempts log it once."""
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
