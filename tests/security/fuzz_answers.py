"""What schemathesis finds and we mean so, with the reasons."""

from typing import Any

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData


def is_answered(finding: Failure, response: Any) -> bool:
    """Whether the answer is right in spite of the finding."""
    match finding:
        case RejectedPositiveData():
            # A schema cannot say all: which fields rules may name, which id exists, what a cursor belongs to.
            # Such a call has to be refused with the place and the reason.
            return response.status_code == 422 and _says_where_and_why(response.json())
        case AcceptedNegativeData():
            # An invalid record of a batch is rejected by itself, and the others are accepted.
            return response.status_code == 202 and bool(response.json().get("rejected"))
        case _:
            return False


def _says_where_and_why(problem: Any) -> bool:
    errors = problem.get("errors", [])
    return bool(errors) and all(error["path"] and error["message"] for error in errors)
