"""Writes down, while any tests run, what the code asks of Firestore and to which topics it publishes.

At the end of the run every query must be served by the indexes of infra/terraform, and every function may
have published only where `crm.topology.PUBLISHES` lets it: the emulators enforce neither. It works for a part
of the tests, too, and for tests that run in several processes: then the first process compares.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from google.cloud.firestore_v1.services.firestore.async_client import FirestoreAsyncClient
from google.cloud.firestore_v1.types import RunAggregationQueryRequest, RunQueryRequest

from crm.adapters.pubsub import Publisher
from crm.topology import PUBLISHES, READERS
from tests.infra.shapes import Indexes, Shape, shape_of
from tests.support import ROOT

INDEXES = ROOT / "infra" / "terraform" / "firestore.indexes.json"
OURS = (f"{ROOT}/crm/", f"{ROOT}/functions/")
NOT_OURS = (f"{ROOT}/tests/", f"{ROOT}/devstack/", f"{ROOT}/bench/")
GENERAL = ("/crm/adapters/firestore/raw.py", "/crm/adapters/firestore/reading.py")
"""Modules that run the queries of others."""

OUTPUT = "crm_recorded"


class Recorder:
    """What was seen: shape → where in the code; (function, topic); and who wrote, as far as it shows."""

    def __init__(self) -> None:
        self.queries: dict[Shape, str] = {}
        self.publishes: set[tuple[str, str]] = set()
        self.writers: set[str] = set()

    def query(self, shape: Shape) -> None:
        """Write a query down, if our code asks it, and not a test."""
        place = _place()
        if place is not None:
            self.queries.setdefault(shape, place)

    def faults(self) -> list[str]:
        """What would fail in the cloud."""
        indexes = Indexes.read(INDEXES)
        found = [
            f"no index in {INDEXES.relative_to(ROOT)} serves {shape} ({place})"
            for shape, place in sorted(self.queries.items())
            if not indexes.serve(shape)
        ]
        found += [
            f"the function {function} publishes to {topic}: let it, in crm/topology.py and infra/terraform"
            for function, topic in sorted(self.publishes)
            if topic not in PUBLISHES[function]
        ]
        found += [
            f"the function {function} writes to the database: let it, in crm/topology.py and infra/terraform"
            for function in sorted(self.writers & READERS)
        ]
        return found


recorder = Recorder()


def pytest_configure(config: pytest.Config) -> None:
    """Listen to every client of this process from now on."""
    run_query, run_aggregation = FirestoreAsyncClient.run_query, FirestoreAsyncClient.run_aggregation_query
    made, published = Publisher.__init__, Publisher.publish
    commit = FirestoreAsyncClient.commit

    def query(self: Any, request: Any = None, **options: Any) -> Any:
        recorder.query(shape_of(RunQueryRequest(request).structured_query))
        return run_query(self, request, **options)

    def aggregation(self: Any, request: Any = None, **options: Any) -> Any:
        wanted = RunAggregationQueryRequest(request).structured_aggregation_query
        fields = [(each.sum or each.avg).field.field_path for each in wanted.aggregations]
        recorder.query(shape_of(wanted.structured_query, [name for name in fields if name]))
        return run_aggregation(self, request, **options)

    def write(self: Any, request: Any = None, **options: Any) -> Any:
        function = _function()
        if function is not None:
            recorder.writers.add(function)
        return commit(self, request, **options)

    def make(self: Any, *arguments: Any, **options: Any) -> None:
        self.made_by = _function()
        made(self, *arguments, **options)

    async def publish(self: Any, topic: str, *arguments: Any, **options: Any) -> None:
        if self.made_by is not None:
            recorder.publishes.add((self.made_by, topic))
        await published(self, topic, *arguments, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(FirestoreAsyncClient, "run_query", query)
    patch.setattr(FirestoreAsyncClient, "run_aggregation_query", aggregation)
    patch.setattr(FirestoreAsyncClient, "commit", write)
    patch.setattr(Publisher, "__init__", make)
    patch.setattr(Publisher, "publish", publish)
    config.add_cleanup(patch.undo)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Another process of this run has ended: add what it saw."""
    seen = getattr(node, "workeroutput", {}).get(OUTPUT, {"queries": [], "publishes": [], "writers": []})
    for (collection, group, equal, orders, summed), place in seen["queries"]:
        pairs = tuple(map(tuple, equal)), tuple(map(tuple, orders))
        recorder.queries.setdefault(Shape(collection, group, *pairs, tuple(summed)), place)
    recorder.publishes |= {(function, topic) for function, topic in seen["publishes"]}
    recorder.writers |= set(seen["writers"])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was seen, or compare it."""
    if hasattr(session.config, "workeroutput"):
        queries = [
            [[shape.collection, shape.group, shape.equal, shape.orders, shape.summed], place]
            for shape, place in recorder.queries.items()
        ]
        session.config.workeroutput[OUTPUT] = {
            "queries": queries,
            "publishes": sorted(recorder.publishes),
            "writers": sorted(recorder.writers),
        }
    elif recorder.faults() and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each fault."""
    faults = recorder.faults()
    if faults:
        terminalreporter.section("would fail in the cloud", red=True)
        for fault in faults:
            terminalreporter.write_line(fault, red=True)


def _frames() -> Iterator[tuple[FrameType, CodeType]]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame, frame.f_code
        frame = frame.f_back


def _place() -> str | None:
    """The line of ours that asks; None where a test or the local stack does."""
    for frame, code in _frames():
        if code.co_filename == __file__ or code.co_filename.endswith(GENERAL):
            continue
        if code.co_filename.startswith(NOT_OURS):
            return None
        if code.co_filename.startswith(OURS):
            return f"{Path(code.co_filename).relative_to(ROOT)}:{frame.f_lineno}"
    return None


def _function() -> str | None:
    """The function whose code is running, if one is."""
    for _, code in _frames():
        if code.co_filename.startswith(OURS[1]):
            return Path(code.co_filename).relative_to(ROOT / "functions").parts[0]
    return None
