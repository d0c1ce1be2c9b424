"""A function in a process of its own, to be killed, or one that kills itself at a commit.

`python -m tests.mortal FUNCTION PORT [before|after]` serves `functions/FUNCTION`; with the last word the
process ends by SIGKILL before it sends its first commit, or after the database accepted it, before the
answer.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from crm.platform.firestore.commits import Commit
from devstack.processes import free_port
from tests.support import ROOT, load_function
from tests.waiting import until_true


@asynccontextmanager
async def own_process(function: str, *words: str, **environment: str) -> AsyncIterator[str]:
    """The function's URL while it runs with these environment variables. Killed on leaving."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.mortal", function, str(port), *words),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await until_true(lambda: _answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _killed_at_a_commit(when: str) -> None:
    send = Commit.send

    async def deadly(self: Commit) -> list[Any]:
        if when == "after":
            await send(self)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")

    Commit.send = deadly  # type: ignore[method-assign]


if __name__ == "__main__":
    if sys.argv[3:]:
        _killed_at_a_commit(sys.argv[3])
    uvicorn.run(load_function(sys.argv[1]).app, port=int(sys.argv[2]), lifespan="off")
