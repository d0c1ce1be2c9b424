"""What vendors are answered."""

from pydantic import BaseModel

from crm.entry.docs import FieldProblem
from crm.usecases.receive_receipts import Checked


class Rejected(BaseModel):
    """A receipt that was not taken, by its place in the call."""

    index: int
    errors: list[FieldProblem]


class Answer(BaseModel):
    """How many receipts are durable, and what is wrong with the others."""

    accepted: int
    rejected: list[Rejected]


def answer(checked: Checked) -> Answer:
    """The answer to a call."""
    rejected = [
        Rejected(index=index, errors=[FieldProblem(path=e.path, message=e.message) for e in refusal.errors])
        for index, refusal in checked.rejected.items()
    ]
    return Answer(accepted=len(checked.receipts), rejected=rejected)
