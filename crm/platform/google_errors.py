"""Google's exceptions as domain errors, so that nobody above the adapters knows Google."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from google.api_core import exceptions as api
from google.api_core.retry import if_exception_type
from google.api_core.retry_async import AsyncRetry

from crm.kernel.errors import Unavailable

TIMEOUT = 10.0
"""Seconds that one attempt of a call to Firestore or Pub/Sub may take."""

RETRY = AsyncRetry(
    predicate=if_exception_type(api.ServiceUnavailable, api.InternalServerError, api.Aborted),
    initial=0.1,
    maximum=1.0,
    timeout=TIMEOUT,
)
"""`retry=RETRY` beside `timeout=TIMEOUT`: the libraries' own retries go on for one to five minutes.

What was aborted has written nothing: others were at the same documents, such as a shard of the counters.
"""


@asynccontextmanager
async def translated(dependency: str) -> AsyncIterator[None]:
    """Raise `Unavailable` where `dependency` ("The database") is away, slow or out of quota.

    Conflicts (AlreadyExists, FailedPrecondition, NotFound) pass: their meaning is the caller's.
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
