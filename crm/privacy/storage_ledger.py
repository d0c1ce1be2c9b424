"""The ledger of erasures as objects of a Cloud Storage bucket, over its JSON API.

google-cloud-storage has no asyncio and would lengthen a cold start by a second, for the two calls that are
needed here: docs/decisions/0055-a-ledger-of-erasures.md.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import google.auth
import httpx2
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from crm.kernel.errors import Unavailable
from crm.privacy.erasure_ledger import LedgerEntry, entry_named

logger = logging.getLogger(__name__)

ROOT: Final = "https://storage.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/devstorage.read_write"
EMULATOR: Final = "STORAGE_EMULATOR_HOST"
"""Where an emulator listens, with or without a scheme; Google's own libraries read it, too."""

TIMEOUT = 10.0
"""Seconds of one attempt."""

PAUSES = (0.2, 0.8)
"""Seconds between the attempts of a call. Each call may be made twice."""

PAGE = 1000
"""Entries of one answer, the limit of the service."""

_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})

_MAY_NOT_REPLACE: Final = "storage.objects.delete"
"""In a 403: an account that may only create objects is asked for this right where the object exists."""


class StorageLedger:
    """`crm.privacy.ports.ErasureLedger`: one object per erasure. Making one connects to nothing."""

    def __init__(self, bucket: str, environ: Mapping[str, str] = os.environ) -> None:
        emulator = environ.get(EMULATOR, "")
        self._root = (emulator if "://" in emulator else f"http://{emulator}") if emulator else ROOT
        self._bucket = bucket
        self._is_emulated = bool(emulator)
        self._credentials: Any = None
        self._refreshing = asyncio.Lock()
        self._http: httpx2.AsyncClient | None = None

    async def add(self, entry: LedgerEntry) -> None:
        """Return once the object is stored. Raises Unavailable."""
        answer = await self._call(
            "POST",
            f"/upload/storage/v1/b/{self._bucket}/o",
            {"uploadType": "media", "name": entry.name, "ifGenerationMatch": "0"},
            entry.content,
        )
        exists = answer.status_code == HTTPStatus.PRECONDITION_FAILED or (
            answer.status_code == HTTPStatus.FORBIDDEN and _MAY_NOT_REPLACE in answer.text
        )
        if not exists:
            self._check(answer)

    async def entries(self) -> AsyncIterator[LedgerEntry]:
        """Every entry, in the order of keys; its time is the object's. Raises Unavailable."""
        wanted = {"maxResults": str(PAGE), "fields": "items(name,timeCreated),nextPageToken"}
        while True:
            answer = await self._call("GET", f"/storage/v1/b/{self._bucket}/o", wanted)
            self._check(answer)
            page = answer.json()
            for item in page.get("items", ()):
                entry = entry_named(item["name"], datetime.fromisoformat(item["timeCreated"]))
                if entry is not None:
                    yield entry
            if not page.get("nextPageToken"):
                return
            wanted = {**wanted, "pageToken": page["nextPageToken"]}

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], content: bytes = b""
    ) -> httpx2.Response:
        """The answer of the first attempt that is not refused for the moment, else that of the last one."""
        http = self._http = self._http or httpx2.AsyncClient(
            base_url=self._root, timeout=TIMEOUT, trust_env=not self._is_emulated
        )
        for pause in (*PAUSES, None):
            try:
                headers = {"Content-Type": "application/json", **await self._authorization()}
                answer = await http.request(method, path, params=query, headers=headers, content=content)
                if answer.status_code not in _BUSY or pause is None:
                    return answer
            except (httpx2.HTTPError, GoogleAuthError) as error:
                if pause is None:
                    raise Unavailable("The ledger of erasures does not answer.") from error
            await asyncio.sleep(pause)
        raise AssertionError  # the last attempt returns or raises

    async def _authorization(self) -> Mapping[str, str]:
        if self._is_emulated:
            return {}
        async with self._refreshing:
            if self._credentials is None:
                self._credentials, _ = await asyncio.to_thread(google.auth.default, scopes=[SCOPE])
            if not self._credentials.valid:
                await asyncio.to_thread(self._credentials.refresh, Request())
        return {"Authorization": f"Bearer {self._credentials.token}"}

    def _check(self, answer: httpx2.Response) -> None:
        """Raise Unavailable unless the call succeeded."""
        if not answer.is_success:
            logger.error("the ledger of erasures answers %s: %s", answer.status_code, answer.text[:500])
            raise Unavailable(f"The ledger of erasures in gs://{self._bucket} refuses this.")
