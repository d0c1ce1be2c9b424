"""Fault points inside a function's process: Python imports a module of this name when it starts.

Just before and just after every commit to Firestore, every publish and every call of another HTTP service is
a fault point, at which the process may kill itself. In the folder `CRM_PROVE_FAULTS`, `plan.json` says which
are armed, `seen/` gets a file for each point that was passed, `used/` one for each at which a process died.

It uses nothing but the standard library and the four methods named in `LINES`.
"""

import asyncio
import functools
import hashlib
import json
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Final

FOLDER: Final = "CRM_PROVE_FAULTS"
FUNCTION: Final = "CRM_PROVE_FUNCTION"

LINES: Final[Mapping[str, tuple[str, str, str]]] = {
    "google.cloud.firestore_v1.services.firestore.async_client": ("FirestoreAsyncClient", "commit", "commit"),
    "google.pubsub_v1.services.publisher.async_client": ("PublisherAsyncClient", "publish", "publish"),
    "crm.channels.http_vendor": ("HttpVendor", "send", "vendor call"),
    "crm.platform.webhooks": ("WebhookSender", "post", "webhook call"),
}
"""Module → class, method, and the name of a call of it in the report."""

NAMING: Final = re.compile(r"/crm/\w+/(usecases|store)[/.]|/functions/")
"""Files whose frames name a fault point: use cases, stores and functions, not the plumbing below them."""

LINGER: Final = 0.1
"""Seconds between reaching the point and dying there. Other tasks go on meanwhile, so an answer that wrongly
does not wait for a commit is sent."""


class Trigger:
    """Kills this process at the points that the plan names."""

    def __init__(self, folder: Path, function: str) -> None:
        self._folder = folder
        self._function = function
        self._passes: Counter[str] = Counter()
        self._born = time.monotonic()
        self._plan: dict[str, Any] = {}
        self._plan_time = 0
        self._dying = False

    async def reach(self, when: str, line: str) -> None:
        """Pass a point, or die there. While dying, no task passes another one."""
        if self._dying:
            await asyncio.Event().wait()
        point = f"{self._function}: {when} {line}"
        if not self._passes[point]:
            self._note("seen", point, {"point": point})
        self._passes[point] += 1
        mark = self._armed(point)
        if mark is not None and self._note("used", mark, self._death(point, mark)):
            self._dying = True
            await asyncio.sleep(LINGER)
            os.killpg(os.getpgid(0), signal.SIGKILL)

    def _death(self, point: str, mark: str) -> Mapping[str, Any]:
        return {"point": point, "mark": mark, "at": time.time()}

    def _armed(self, point: str) -> str | None:
        """The name to record the kill under if this pass is to die; None otherwise, and while the process is
        young."""
        plan = self._read()
        if not plan or time.monotonic() - self._born < plan["rest"]:
            return None
        for pattern, nth in plan["chosen"].items():
            if all(part in point for part in pattern.split("*")) and self._passes[point] >= nth:
                return str(pattern)
        if plan["share"] is None:
            return None
        place, parts = plan["share"]
        draw = int.from_bytes(hashlib.sha256(f"{plan['seed']} {point}".encode()).digest()[:8], "big")
        nth = 1 + (draw // parts) % int(plan["spread"])
        return point if draw % parts == place and self._passes[point] >= nth else None

    def _read(self) -> dict[str, Any]:
        file = self._folder / "plan.json"
        try:
            changed = file.stat().st_mtime_ns
            if changed != self._plan_time:
                self._plan, self._plan_time = json.loads(file.read_text()), changed
        except FileNotFoundError:
            return {}
        return self._plan

    def _note(self, kind: str, name: str, content: Mapping[str, Any]) -> bool:
        """Write the file; whether this process was the first to do so."""
        file = self._folder / kind / hashlib.sha256(name.encode()).hexdigest()[:24]
        try:
            with file.open("x") as output:
                json.dump(content, output)
        except FileExistsError:
            return False
        return True


def place(frame: FrameType | None) -> str:
    """Names the callers: the three frames of `NAMING` files nearest to the call, outermost first."""
    names: list[str] = []
    while frame is not None:
        code = frame.f_code
        file = code.co_filename
        if NAMING.search(file):
            names.append(code.co_qualname.removesuffix(".__call__").replace("<locals>.", ""))
        frame = frame.f_back
    return " > ".join(reversed(names[:3])) or "elsewhere"


def watched(method: Callable[..., Awaitable[Any]], what: str, trigger: Trigger) -> Callable[..., Any]:
    """The method with a fault point before and one after it."""

    @functools.wraps(method)
    async def watching(*arguments: Any, **options: Any) -> Any:
        line = f"{what}, {place(sys._getframe(1))}"
        await trigger.reach("before", line)
        result = await method(*arguments, **options)
        await trigger.reach("after", line)
        return result

    return watching


class Finder(MetaPathFinder):
    """Wraps the methods of `LINES` in `watched` when their modules are loaded."""

    def __init__(self, trigger: Trigger) -> None:
        self._trigger = trigger

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in LINES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            owner, method, what = LINES[fullname]
            kind = getattr(module, owner)
            setattr(kind, method, watched(getattr(kind, method), what, self._trigger))

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if FOLDER in os.environ and FUNCTION in os.environ:
    sys.meta_path.insert(0, Finder(Trigger(Path(os.environ[FOLDER]), os.environ[FUNCTION])))
