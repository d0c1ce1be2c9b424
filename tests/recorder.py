"""Writes down, while any tests run, what the code asks of Firestore and to which topics it publishes.

At the end of the run every query must be served by the indexes of infra/terraform, and every function may
have published only where `crm.topology.PUBLISHES` lets it: the emulators enforce neither. It works for a part
of the tests, too, and for tests that run in several processes: then the first process compares.

After all tests it also names each line with a query that no test asked in a process of the run, for what the
local stack's own processes ask is not seen, and each index that no query needs.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from google.cloud.firestore_v1.services.firestore.async_client import FirestoreAsyncClient
from google.cloud.firestore_v1.types import RunAggregationQueryRequest, RunQueryRequest

from crm.platform.pubsub import Publisher
from crm.topology import PUBLISHES, READERS
from tests.infra.call_sites import unasked
from tests.infra.shapes import Indexes, Shape, shape_of
from tests.support import ROOT

INDEXES = ROOT / "infra" / "terraform" / "firestore.indexes.json"
OURS = (f"{ROOT}/crm/", f"{ROOT}/functions/")
NOT_OURS = (f"{ROOT}/tests/", f"{ROOT}/devstack/", f"{ROOT}/bench/")
PLUMBING = f"{ROOT}/crm/platform/"
"""Its modules run the queries of the stores."""

OUTPUT = "crm_recorded"


class Recorder:
    """What was seen: shape → where in the code, and all those lines; (function, topic); and who wrote."""

    def __init__(self) -> None:
        self.queries: dict[Shape, str] = {}
        self.places: set[str] = set()
        self.publishes: set[tuple[str, str]] = set()
        self.writers: set[str] = set()

    def query(self, shape: Shape) -> None:
        """Write a query down, if our code asks it, and not a test."""
        place = _place()
        if place is not None:
            self.queries.setdefault(shape, place)
            self.places.add(place)

    def faults(self, whole: bool = False) -> list[str]:
        """What would fail in the cloud; after all tests (`whole`) also what is not known to be needed."""
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
        if whole:
            code = [
                file for folder in OURS for file in Path(folder).rglob("*.py") if not _is_plumbing(str(file))
            ]
            found += [f"no test asks the query at {place}" for place in unasked(code, ROOT, self.places)]
            found += [f"no query needs the index {name}" for name in indexes.needless(self.queries)]
        return found


recorder = Recorder()


def is_whole(config: pytest.Config, exitstatus: int) -> bool:
    """Whether all tests ran, to their end."""
    options = config.option
    some = (
        options.keyword
        or options.markexpr
        or getattr(options, "lf", False)
        or options.deselect
        or options.collectonly
    )
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    return exitstatus == pytest.ExitCode.OK and not some and not named


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
    seen = getattr(node, "workeroutput", {}).get(
        OUTPUT, {"queries": [], "publishes": [], "writers": [], "places": []}
    )
    for (collection, group, equal, orders, summed), place in seen["queries"]:
        pairs = tuple(map(tuple, equal)), tuple(map(tuple, orders))
        recorder.queries.setdefault(Shape(collection, group, *pairs, tuple(summed)), place)
    recorder.publishes |= {(function, topic) for function, topic in seen["publishes"]}
    recorder.writers |= set(seen["writers"])
    recorder.places |= set(seen["places"])


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
            "places": sorted(recorder.places),
        }
    elif recorder.faults(is_whole(session.config, session.exitstatus)) and session.exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Name each fault; after a test that failed or ended early, not what it may have missed."""
    faults = recorder.faults(is_whole(config, exitstatus))
    if faults:
        terminalreporter.section("would fail in the cloud", red=True)
        for fault in faults:
            terminalreporter.write_line(fault, red=True)


def _is_plumbing(file: str) -> bool:
    return file.startswith(PLUMBING)


def _frames() -> Iterator[tuple[FrameType, CodeType]]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame, frame.f_code
        frame = frame.f_back


def _place() -> str | None:
    """The line of ours that asks; None where a test or the local stack does."""
    for frame, code in _frames():
        if code.co_filename == __file__ or _is_plumbing(code.co_filename):
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
