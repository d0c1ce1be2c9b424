"""Which CRM to talk to: the named one, else the local stack that is found."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from crm.cli.console import Sorry
from crm.topology import DEFAULT_DATABASE

VARIABLE = "CRM_STACK"
"""Names a stack file, in place of the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running CRM: its URL, the ingest key, and the functions' own URLs where they are known.

    The rest is for operators: `emulators` are "firestore" and "pubsub" → host; topics begin with the prefix.
    """

    url: str
    api_key: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)
    project: str = ""
    emulators: Mapping[str, str] = field(default_factory=dict)
    vendor_key: str = ""
    id_key: str = ""
    erasure_ledger: str = ""
    database: str = DEFAULT_DATABASE
    topic_prefix: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, where no proxy of the environment is to be asked."""
        return urlsplit(self.url).hostname in {"localhost", "127.0.0.1", "::1"}


def find_stack(start: Path, environ: Mapping[str, str] = os.environ) -> Stack:
    """The stack of the file that `CRM_STACK` names, else of `.local/stack.json` in `start` or above it.

    Raises Sorry where there is none, or where it is not what `make run` writes.
    """
    named = environ.get(VARIABLE)
    candidates = [Path(named)] if named else [at / ".local" / "stack.json" for at in (start, *start.parents)]
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None:
        where = (
            f"{named}, which {VARIABLE} names, does not exist" if named else "no .local/stack.json is near"
        )
        raise Sorry(
            f"There is no CRM to talk to: {where}. Start one with `make run`, or give --url and --key."
        )
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Stack(
            url=found["url"].rstrip("/"),
            api_key=found.get("api_key", ""),
            functions=dict(found.get("functions", {})),
            project=found.get("project", ""),
            emulators=dict(found.get("emulators", {})),
            vendor_key=found.get("vendor_key", ""),
            id_key=found.get("id_key", ""),
            erasure_ledger=found.get("erasure_ledger", ""),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Sorry(f"{path} is not a stack file. `make run` writes it again.") from error


def chosen(url: str, key: str, start: Path, environ: Mapping[str, str] = os.environ) -> Stack:
    """The CRM at `url`, or the stack that is found; `key` goes before the stack's own. Raises Sorry."""
    if url:
        if not url.startswith(("http://", "https://")):
            raise Sorry(f"{url} is not a URL: it begins with http:// or https://.")
        return Stack(url=url.rstrip("/"), api_key=key)
    stack = find_stack(start, environ)
    return Stack(url=stack.url, api_key=key or stack.api_key, functions=stack.functions)
