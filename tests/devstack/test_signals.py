"""A request to stop ends what runs in an event loop in good order, and silently."""

import signal
import subprocess
import sys

import pytest

from tests.support import ROOT

WORKING = """
import asyncio
from devstack import signals

async def endless():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(3600))
        try:
            print("working", flush=True)
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            print("tidied up", flush=True)

signals.raise_on_request()
try:
    signals.run_until_request(endless())
except signals.StopRequested:
    print("stopped", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_work_is_cancelled_and_tidies_up(number: signal.Signals) -> None:
    command = [sys.executable, "-c", WORKING]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        said, complaints = process.communicate(timeout=60)

    assert (said, complaints, process.returncode) == ("tidied up\nstopped\n", "", 0)


def test_the_outcome_of_the_work_is_returned() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKING.replace("endless())", "asyncio.sleep(0, 1)) == 1 or print('no')")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout, done.stderr) == ("", "")
