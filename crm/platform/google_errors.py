"""Translates Google's exceptions into `crm.kernel.errors`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from google.api_core import exceptions as api
from google.api_core.retry import if_exception_type
from google.api_core.retry_async import AsyncRetry

from crm.kernel.errors import Unavailable

TIMEOUT = 10.0
"""Seconds that one attempt of a call to Firestore or Pub/Sub may take."""

RETRIED_FOR = 10.0
"""Seconds after which a failed call is not attempted again."""

_RETRY = AsyncRetry(
    predicate=if_exception_type(api.ServiceUnavailable, api.InternalServerError, api.Aborted),
    initial=0.1,
    maximum=1.0,
)


def retry() -> AsyncRetry:
    """The retry of every call: the libraries' default retries last one to five minutes.

    Use it with a timeout of one attempt, such as `TIMEOUT`.

    An aborted call has written nothing: it met another one on the same documents, such as a counter shard.
    """
    return _RETRY.with_timeout(RETRIED_FOR)


@asynccontextmanager
async def translated(dependency: str) -> AsyncIterator[None]:
    """Raise Unavailable if `dependency` ("The database") is down, slow or out of quota.

    AlreadyExists, FailedPrecondition and NotFound pass through: their meaning depends on the caller.
    """
    try:
        yield
    except (
        api.ServiceUnavailable,
        api.DeadlineExceeded,
        api.TooManyRequests,
        api.InternalServerError,
        api.GatewayTimeout,
        api.RetryError,
        grpc.aio.AioRpcError,
        TimeoutError,
    ) as error:
        raise Unavailable(f"{dependency} does not answer.") from error
