"""What is answered to many things in one call: how many were taken, and what is wrong with the others."""

from collections.abc import Mapping

from pydantic import BaseModel

from crm.entry.docs import FieldProblem
from crm.kernel.errors import Invalid


class Rejected(BaseModel):
    """One that was not taken, by its place in the call."""

    index: int
    errors: list[FieldProblem]


class BatchAccepted(BaseModel):
    """How many are durable, and what is wrong with the others."""

    accepted: int
    rejected: list[Rejected]


def batch_accepted(accepted: int, refusals: Mapping[int, Invalid]) -> BatchAccepted:
    """The answer to a call of which `accepted` were taken; `refusals` by their place in it."""
    rejected = [
        Rejected(index=index, errors=[FieldProblem(path=e.path, message=e.message) for e in refusal.errors])
        for index, refusal in refusals.items()
    ]
    return BatchAccepted(accepted=accepted, rejected=rejected)
