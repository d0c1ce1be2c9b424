"""Chooses the fault points at which functions kill themselves, through files; see
`inside/sitecustomize.py`."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INSIDE = Path(__file__).with_name("inside")


@dataclass(frozen=True, slots=True)
class Kill:
    """A process that was ended by SIGKILL: at a point like "deliver: before commit, …", or at random."""

    function: str
    point: str
    at: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The fault points that are armed. Each kills once.

    `chosen` maps a part of a point's name (several, with `*` between) to the pass at which it kills. `share`
    (index, parts) arms one of `parts` equal shares of all points, each at its first to `spread`-th pass,
    drawn from `seed`. A process runs for `rest` seconds before a point may kill it, so that there is some
    progress.
    """

    seed: str
    chosen: Mapping[str, int] = field(default_factory=dict)
    share: tuple[int, int] | None = None
    spread: int = 1
    rest: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "chosen": dict(self.chosen),
            "share": self.share,
            "spread": self.spread,
            "rest": self.rest,
        }


class Faults:
    """The files in `folder`, which functions started with `environment` read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for kind in ("seen", "used"):
            (folder / kind).mkdir(parents=True, exist_ok=True)

    def environment(self, function: str) -> dict[str, str]:
        """The variables that make a function's process read these files."""
        return {
            "PYTHONPATH": os.pathsep.join([str(INSIDE), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "CRM_PROVE_FAULTS": str(self._folder),
            "CRM_PROVE_FUNCTION": function,
        }

    def arm(self, plan: Plan) -> None:
        """Replace the plan that processes follow."""
        draft = self._folder / "plan.new"
        draft.write_text(json.dumps(plan.as_json()))
        draft.replace(self._folder / "plan.json")

    def disarm(self) -> None:
        """Remove the plan: no point kills any more."""
        (self._folder / "plan.json").unlink(missing_ok=True)

    def seen(self) -> set[str]:
        """Every point passed so far."""
        return {content["point"] for content in self._noted("seen")}

    def kills(self) -> list[Kill]:
        """Every process that died at a point so far."""
        found = self._noted("used")
        return [Kill(each["point"].partition(":")[0], each["point"], each["at"]) for each in found]

    def unused(self, plan: Plan) -> list[str]:
        """The chosen points of a plan at which no process died."""
        used = {content["mark"] for content in self._noted("used")}
        return [pattern for pattern in plan.chosen if pattern not in used]

    def _noted(self, kind: str) -> list[dict[str, Any]]:
        texts = (file.read_text() for file in (self._folder / kind).iterdir())
        return [json.loads(text) for text in texts if text]
