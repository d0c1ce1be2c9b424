"""Which version a checkout is: what `git describe` says of it."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

UNKNOWN: Final = "unknown"
"""The version of what is no git checkout."""

_LONGEST_LABEL: Final = 63


@dataclass(frozen=True, slots=True)
class Version:
    """`name` is a tag, a tag and what came after it, or a commit; with `-dirty` where files were changed."""

    name: str
    commit: str


def of_checkout(root: Path) -> Version:
    """The version of the checkout at `root`."""
    name = _git(root, "describe", "--tags", "--always", "--dirty", "--abbrev=12")
    return Version(name or UNKNOWN, _git(root, "rev-parse", "HEAD") or UNKNOWN)


def label(name: str) -> str:
    """A version as Google's labels may hold it. infra/terraform/functions.tf makes the same of it."""
    return re.sub(r"[^a-z0-9_-]", "-", name.lower())[:_LONGEST_LABEL]


def _git(root: Path, *arguments: str) -> str:
    """What git answers; nothing where there is no git, or no checkout at `root` itself."""
    if not (root / ".git").exists():
        return ""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
