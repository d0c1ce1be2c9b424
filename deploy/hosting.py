"""The web app on Firebase Hosting, by its REST interface: files, rewrites and headers become live
together."""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from deploy.errors import DeployError
from deploy.google import Google
from deploy.version import label

MOST_AT_ONCE: Final = 1000
"""Files that one call may name."""


def publish(google: Google, site: str, config: Mapping[str, Any], dist: Path, version: str) -> int:
    """Publish the files of `dist`; how many had to be sent. What is live stays so until all is there.

    `config` is the output `hosting_config` of Terraform; by `version` it is found again. Raises DeployError.
    """
    contents = {name: gzip.compress(file.read_bytes(), mtime=0) for name, file in _files(dist)}
    if "/index.html" not in contents:
        raise DeployError(f"{dist} holds no web app: the build has failed.")
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    described = {"config": _named(config), "labels": {"version": label(version)}}
    made = google.post("hosting", f"sites/{site}/versions", described)["name"]
    sent = 0
    for part in _parts(hashes):
        answer = google.post("hosting", f"{made}:populateFiles", {"files": part})
        wanted = set(answer.get("uploadRequiredHashes", []))
        for name, digest in part.items():
            if digest in wanted:
                google.upload(f"{answer['uploadUrl']}/{digest}", contents[name])
                wanted.remove(digest)
                sent += 1
    google.patch("hosting", f"{made}?updateMask=status", {"status": "FINALIZED"})
    google.post("hosting", f"sites/{site}/releases?versionName={made}", {})
    return sent


def _files(dist: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(dist.rglob("*")):
        if file.is_file():
            yield f"/{file.relative_to(dist).as_posix()}", file


def _parts(hashes: Mapping[str, str]) -> Iterator[dict[str, str]]:
    names = list(hashes)
    for start in range(0, len(names), MOST_AT_ONCE):
        yield {name: hashes[name] for name in names[start : start + MOST_AT_ONCE]}


def _named(config: Mapping[str, Any]) -> dict[str, Any]:
    """Terraform gives every rewrite each field, null where it does not apply; Hosting wants none of those."""
    rewrites = [
        {name: value for name, value in rule.items() if value is not None} for rule in config["rewrites"]
    ]
    return {"rewrites": rewrites, "headers": config["headers"]}
