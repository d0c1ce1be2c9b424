"""What systems are answered."""

from pydantic import BaseModel

from crm.entry.docs import FieldProblem
from crm.usecases.ingest import Checked


class Accepted(BaseModel):
    """The record is durable."""

    accepted: int = 1
    ids: list[str]


class Rejected(BaseModel):
    """A record that was not taken, by its place in the batch."""

    index: int
    errors: list[FieldProblem]


class BatchAccepted(BaseModel):
    """How many records are durable, and what is wrong with the others."""

    accepted: int
    rejected: list[Rejected]


def batch_accepted(checked: Checked) -> BatchAccepted:
    """The answer to a batch."""
    rejected = [
        Rejected(index=index, errors=[FieldProblem(path=e.path, message=e.message) for e in refusal.errors])
        for index, refusal in checked.rejected.items()
    ]
    return BatchAccepted(accepted=len(checked.records), rejected=rejected)
