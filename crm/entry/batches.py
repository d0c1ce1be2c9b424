"""Answers to batch calls: how many records were accepted, and why the others were rejected."""

from collections.abc import Mapping

from pydantic import BaseModel

from crm.entry.problems import not_shown
from crm.kernel.errors import Invalid


class RecordProblem(BaseModel):
    """One invalid place of a record. `path` is dotted, like `records.3.amount`."""

    path: str
    message: str


class Rejected(BaseModel):
    """A record that was not accepted, by its position in the call.

    `detail` says how many errors there are beyond those in `errors`; null if there are none.
    """

    index: int
    errors: list[RecordProblem]
    detail: str | None = None


class BatchAccepted(BaseModel):
    """How many records are durable, and why the others were rejected."""

    accepted: int
    rejected: list[Rejected]


def batch_accepted(accepted: int, refusals: Mapping[int, Invalid]) -> BatchAccepted:
    """The answer to a batch call; `refusals` by position."""
    rejected = [
        Rejected(
            index=index,
            errors=[RecordProblem(path=e.path, message=e.message) for e in refusal.errors],
            detail=not_shown(refusal.more) if refusal.more else None,
        )
        for index, refusal in refusals.items()
    ]
    return BatchAccepted(accepted=accepted, rejected=rejected)
