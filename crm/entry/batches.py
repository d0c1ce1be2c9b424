"""Answers to batch calls: how many records were accepted, and why the others were rejected."""

from collections.abc import Mapping

from pydantic import BaseModel

from crm.entry.docs import FieldProblem
from crm.kernel.errors import Invalid


class Rejected(BaseModel):
    """A record that was not accepted, by its position in the call."""

    index: int
    errors: list[FieldProblem]


class BatchAccepted(BaseModel):
    """How many records are durable, and why the others were rejected."""

    accepted: int
    rejected: list[Rejected]


def batch_accepted(accepted: int, refusals: Mapping[int, Invalid]) -> BatchAccepted:
    """The answer to a batch call; `refusals` by position."""
    rejected = [
        Rejected(index=index, errors=[FieldProblem(path=e.path, message=e.message) for e in refusal.errors])
        for index, refusal in refusals.items()
    ]
    return BatchAccepted(accepted=accepted, rejected=rejected)
