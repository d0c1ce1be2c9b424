"""Where the local stack finds the project and keeps what it writes."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


def state_folder() -> Path:
    """Everything the stack writes: `.local`, or the folder that `CRM_STATE` names."""
    return Path(os.environ.get("CRM_STATE") or ROOT / ".local").resolve()


def cache_folder() -> Path:
    """Downloads that several checkouts share."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crm"
