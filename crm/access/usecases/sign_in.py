"""Signs a person in: verified claims of an identity token become a session of a member."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from crm.access.members import Member, Session, SignedIn, address_fault, normal_email
from crm.access.refused_sign_ins import RefusedSignIn
from crm.kernel.errors import Unauthenticated
from crm.kernel.hidden_characters import one_line


class MemberStore(Protocol):
    """Finds members and binds them to accounts."""

    async def find(self, email: str) -> Member | None:
        """The member of this address, as of now. Raises Unavailable."""

    async def bind(self, member: Member, subject: str) -> Member:
        """Bind the member to the account that signs in first, and give it a version if it has none.

        Raises Conflict, Unavailable.
        """


class NonceReader(Protocol):
    """Recognises nonces that were issued here."""

    def verify(self, nonce: object) -> str:
        """The id of a nonce. Raises Unauthenticated."""


class NonceStore(Protocol):
    """Lets each nonce be used once."""

    async def use(self, nonce_id: str, session_id: str, now: datetime) -> None:
        """Use a nonce for a session. Raises Unauthenticated if another session has, Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Signs members in. With a `hosted_domain`, only accounts of that Google Workspace domain."""

    members: MemberStore
    nonces: NonceReader
    used_nonces: NonceStore
    hosted_domain: str = ""

    async def __call__(self, claims: Mapping[str, Any], session_id: str, now: datetime) -> SignedIn:
        """The person, with a session of this random id. The token's signature, audience, issuer and times are
        verified already.

        Nothing is written before it is known that a member signs in. Raises Unauthenticated if the token is
        not for this sign-in or was used before, RefusedSignIn if its owner may not sign in, Unavailable.
        """
        nonce_id = self.nonces.verify(claims.get("nonce"))
        email, subject = self._account(claims)
        member = await self.members.find(email)
        if member is None:
            raise RefusedSignIn(
                f"{email} is not a member here. Ask an administrator of this CRM to add you.",
                "not_a_member",
                email,
            )
        if member.subject not in (None, subject):
            raise RefusedSignIn(
                f"Another account signed in as {email} before. "
                "Ask an administrator to remove and add you again.",
                "another_account",
                email,
                is_member=True,
            )
        await self.used_nonces.use(nonce_id, session_id, now)
        if member.subject is None or not member.version:
            member = await self.members.bind(member, subject)
        name = claims.get("name")
        shown = one_line(name) if isinstance(name, str) else ""
        session = Session(
            id=session_id,
            email=email,
            name=shown or email,
            subject=subject,
            version=member.version,
        )
        return SignedIn(session=session, role=member.role)

    def _account(self, claims: Mapping[str, Any]) -> tuple[str, str]:
        """The e-mail address and the subject of an account that may sign in here."""
        email, subject = claims.get("email"), claims.get("sub")
        if not isinstance(email, str) or not isinstance(subject, str) or not subject:
            raise Unauthenticated("The identity token names no account with an e-mail address.")
        fault = address_fault(email)
        if fault is not None:
            raise RefusedSignIn(f"The address of this account {fault}.", "address", normal_email(email))
        email = normal_email(email)
        if claims.get("email_verified") is not True:
            raise RefusedSignIn(
                f"The address {email} is not verified. Verify it with your account's provider.",
                "unverified",
                email,
            )
        if self.hosted_domain and claims.get("hd") != self.hosted_domain:
            raise RefusedSignIn(f"Only accounts of {self.hosted_domain} may sign in here.", "domain", email)
        return email, subject
