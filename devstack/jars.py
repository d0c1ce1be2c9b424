"""The emulators' jar files: named by a variable, installed with gcloud, cached, or downloaded from Google."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import httpx2

from devstack.errors import StackError
from devstack.paths import cache_folder

DOWNLOADS = "https://storage.googleapis.com/firebase-preview-drop/emulator/"
"""Where Google publishes the emulators; `CRM_EMULATOR_DOWNLOADS` names another place."""


@dataclass(frozen=True, slots=True)
class Jar:
    """An emulator's jar. `variable` may name it; `installed` is its pattern in gcloud's platform folder.

    `download` is what Google publishes, with its `sha256`; a zip holds the jar under a name like `member`.
    """

    title: str
    variable: str
    installed: str
    download: str
    sha256: str
    member: str = ""


FIRESTORE = Jar(
    "The Firestore emulator",
    variable="CRM_FIRESTORE_JAR",
    installed="cloud-firestore-emulator/cloud-firestore-emulator.jar",
    download="cloud-firestore-emulator-v1.22.0.jar",
    sha256="9b6498b7f62714d67f48f59b3818883cd682dbcd46b9f59511de81c97bb5166c",
)
PUBSUB = Jar(
    "The Pub/Sub emulator",
    variable="CRM_PUBSUB_JAR",
    installed="pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar",
    download="pubsub-emulator-0.8.37.zip",
    sha256="c83383e0c71633e58abad6fdc9c0312c7d0f6a5a34236c42e3f92eb24ded1c26",
    member="*/cloud-pubsub-emulator-*-all.jar",
)


def find(jar: Jar) -> Path:
    """The path of `jar` on this machine, downloaded if need be. Raises StackError where that fails."""
    named = os.environ.get(jar.variable)
    if named:
        if not Path(named).is_file():
            raise StackError(f"{jar.variable} names {named}, which is no file. Correct it or unset it.")
        return Path(named)
    for platform in _sdk_platforms():
        for found in sorted(platform.glob(jar.installed), reverse=True):
            return found
    cached = cache_folder() / "emulators" / Path(jar.download).with_suffix(".jar").name
    if not cached.exists():
        _download(jar, cached)
    return cached


def _sdk_platforms() -> Iterator[Path]:
    """`platform/` near the gcloud binary, else where gcloud itself says it is installed."""
    gcloud = shutil.which("gcloud")
    if not gcloud:
        return
    folder = Path(gcloud).resolve().parent.parent / "platform"
    if folder.is_dir():
        yield folder
        return
    with suppress(OSError, subprocess.SubprocessError):
        command = [gcloud, "info", "--format=value(installation.sdk_root)"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        yield Path(answer.stdout.strip()) / "platform"


def _download(jar: Jar, target: Path) -> None:
    """Fetch, check the sum, unpack, and only then put in place, so that a broken download is never used."""
    url = os.environ.get("CRM_EMULATOR_DOWNLOADS", DOWNLOADS).rstrip("/") + "/" + jar.download
    print(f"  {jar.title} is not on this machine: downloading {url}", flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        fetched = Path(folder) / jar.download
        try:
            digest = _fetch(url, fetched)
        except httpx2.HTTPError as error:
            reason = (str(error) or repr(error)).partition("\n")[0]
            raise StackError(
                f"{jar.title} could not be downloaded from {url} ({reason}). Connect to the network and run "
                f"this again, or install it with gcloud, or name its jar in {jar.variable}."
            ) from error
        if digest != jar.sha256:
            raise StackError(
                f"{url} is not the file that was expected: its SHA-256 is {digest}, not {jar.sha256}. "
                f"Run this again; if it stays so, name a jar that you trust in {jar.variable}."
            )
        (_unpack(fetched, jar.member) if jar.member else fetched).replace(target)


def _fetch(url: str, target: Path) -> str:
    """Stream `url` into `target`; its SHA-256 in hex."""
    digest = hashlib.sha256()
    with (
        httpx2.stream("GET", url, timeout=30, follow_redirects=True) as response,
        target.open("wb") as output,
    ):
        response.raise_for_status()
        for part in response.iter_bytes():
            digest.update(part)
            output.write(part)
    return digest.hexdigest()


def _unpack(archive: Path, member: str) -> Path:
    """The one file of the zip whose name fits `member`, extracted next to it."""
    target = archive.with_suffix(".jar")
    with zipfile.ZipFile(archive) as opened:
        name = next(name for name in opened.namelist() if fnmatch(name, member))
        with opened.open(name) as source, target.open("wb") as output:
            shutil.copyfileobj(source, output)
    return target
