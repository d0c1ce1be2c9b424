"""What alerts count is what the code logs, and every alert is explained."""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crm.cli import cost_model
from deploy.offline_plan import Outcome
from devstack.imports import closure
from tests.infra.conftest import looked_at
from tests.support import ROOT

SEVERITIES = {
    "debug": "DEBUG",
    "info": "INFO",
    "warning": "WARNING",
    "error": "ERROR",
    "exception": "ERROR",
    "critical": "CRITICAL",
}
GRAVE = ("ERROR", "CRITICAL")
SUPPORTED = re.compile(
    r"(NOT )?(?:"
    r"(resource\.type|resource\.labels\.service_name|logName|jsonPayload\.message|textPayload|severity)"
    r'(=~|>=|=)("(?:[^"\\]|\\.)*"|[A-Z]+)'
    r"|(httpRequest\.\w+)[=~<]+\S+)"
)
"""A term of the filters' language, as far as it is used here."""

PLAYED = {
    "memory": {"textPayload": "Memory limit of 512 MiB exceeded with 514 MiB used."},
    "exit": {"textPayload": "Container called exit(1)."},
    "signal": {"textPayload": "Uncaught signal: 11, pid=2, tid=2, fault_addr=0."},
    "start": {"textPayload": "Default STARTUP TCP probe failed 1 time consecutively."},
    "traceback": {"textPayload": "Traceback (most recent call last):"},
    "call": {"logName": "projects/my-project/logs/run.googleapis.com%2Frequests"},
}
"""What Cloud Run logs by itself, with severity ERROR."""

Line = Mapping[str, str]


@cache  # nobody changes it, and it takes a second
def logged() -> list[tuple[Path, str, str]]:
    """File, severity and text of every line that the code can log; constants are looked up by their names."""
    files = [*(ROOT / "crm").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    trees = {file: ast.parse(file.read_text()) for file in files}
    constants = {
        ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target): node.value.value
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
    }
    found = []
    for file, node in ((file, node) for file, tree in trees.items() for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and (level := _level(node)):
            assert node.args, f"{file}:{node.lineno} logs nothing"
            text = node.args[0]
            value = text.value if isinstance(text, ast.Constant) else constants.get(ast.unparse(text))
            assert isinstance(value, str), f"{file}:{node.lineno} logs what no filter can be held against"
            found.append((file, level, value.replace("%d", "7")))
    return found


def _level(call: ast.Call) -> str | None:
    """The severity of a call that logs; None for another call. `logging.error` counts like `logger.error`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in SEVERITIES:
        return None
    owner = ast.unparse(call.func.value)
    is_logger = owner in ("logging", "logger") or owner.endswith(("logger", "getLogger(__name__)"))
    return SEVERITIES[call.func.attr] if is_logger else None


def lines_by_function(functions: Iterable[str]) -> list[Line]:
    """Every grave line as Cloud Logging holds it, for each function that can log it."""
    everything = logged()
    return [
        {**_line(function, level), "jsonPayload.message": text}
        for function in functions
        for reached in (closure(ROOT, function),)
        for file, level, text in everything
        if level in GRAVE and file in reached
    ]


def _line(function: str, severity: str) -> dict[str, str]:
    return {
        "resource.type": "cloud_run_revision",
        "resource.labels.service_name": f"crm-{function}",
        "severity": severity,
        "logName": "projects/my-project/logs/run.googleapis.com%2Fstdout",
    }


def matches(wanted: str, line: Line) -> bool:
    """Whether a filter of Cloud Logging finds a line. Terms are joined by AND. Fails on unknown ones."""
    assert not SUPPORTED.sub("", wanted).strip(), wanted
    return all(_holds(term, line) for term in SUPPORTED.finditer(wanted))


def _holds(term: re.Match[str], line: Line) -> bool:
    negated, field, operator, value, measure = term.groups()
    if measure:  # of calls, which no line of the code is
        return False
    value = value.strip('"')
    there = line.get(field, "")
    if operator == ">=":
        found = list(SEVERITIES.values()).index(there) >= list(SEVERITIES.values()).index(value)
    else:
        found = there == value if operator == "=" else re.search(value, there) is not None
    return found != bool(negated)


def counters(planned: Outcome) -> dict[str, str]:
    """Metrics of the log by their names, and their filters."""
    return {
        values["name"].partition("/")[2]: values["filter"]
        for address, values in planned.resources.items()
        if "google_logging_metric." in address
    }


def alert_of(planned: Outcome) -> dict[str, str]:
    """Metric of the log → the alert that notifies of it."""
    return {
        found[1]: alert["display_name"].partition(": ")[2]
        for alert in _alerts(planned)
        for condition in alert["conditions"]
        if (found := re.search(r'/user/crm/([\w-]+)"', looked_at(condition).get("filter") or ""))
    }


def _alerts(planned: Outcome) -> list[dict[str, Any]]:
    return [
        values
        for address, values in planned.resources.items()
        if "google_monitoring_alert_policy." in address
    ]


def test_each_line_that_alerts_count_is_logged(planned: Outcome) -> None:
    lines = {(level, text) for _, level, text in logged()}
    counted = {name: text for name, text in counters(planned).items() if " jsonPayload.message" in text}
    sentences = 0
    for name, wanted in counted.items():
        pattern = re.search(r'(?<!NOT )jsonPayload\.message=~"\^\(?(.*?)\)?"$', wanted)
        for sentence in pattern[1].split("|") if pattern else ():
            fitting = {level for level, text in lines if re.match(sentence, text)}
            assert fitting, f"nothing logs {sentence!r}"
            assert "severity>=ERROR" not in wanted or fitting <= set(GRAVE), (name, sentence)
            sentences += 1
    assert sentences > 10


def test_every_grave_line_of_every_function_has_exactly_one_alert(planned: Outcome) -> None:
    alerts, wanted = alert_of(planned), counters(planned)
    lines = lines_by_function(planned.functions)

    assert len({line["jsonPayload.message"] for line in lines}) > 8
    for line in lines:
        ringing = [alerts[name] for name in wanted if name in alerts and matches(wanted[name], line)]
        assert len(ringing) == 1, f"{line}: {ringing}"


def test_each_fault_of_the_stored_audience_has_the_alert_of_it(planned: Outcome) -> None:
    alerts, wanted = alert_of(planned), counters(planned)
    faults = [text for file, level, text in logged() if level in GRAVE and "audience" in file.parts]

    assert any(text.startswith("the audience's log is damaged") for text in faults)
    for text in faults:
        line = {**_line("campaigns", "ERROR"), "jsonPayload.message": text}
        assert [alerts[name] for name in wanted if name in alerts and matches(wanted[name], line)] == [
            "The stored audience is damaged"
        ]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("memory", ["Instances die"]),
        ("exit", ["Instances die"]),
        ("signal", ["Instances die"]),
        ("start", ["Instances die"]),
        ("traceback", ["Other errors"]),
        ("call", []),
    ],
)
def test_what_cloud_run_says_of_an_instance_has_its_alert(
    what: str, expected: list[str], planned: Outcome
) -> None:
    alerts, wanted = alert_of(planned), counters(planned)
    line = {**_line("deliver", "ERROR"), **PLAYED[what]}

    assert [alerts[name] for name in wanted if name in alerts and matches(wanted[name], line)] == expected


def test_an_unknown_error_of_a_library_has_the_catch_all(planned: Outcome) -> None:
    alerts, wanted = alert_of(planned), counters(planned)
    for severity in GRAVE:
        line = {
            **_line("summarize", severity),
            "jsonPayload.message": "Task was destroyed but it is pending!",
        }
        assert [alerts[name] for name in wanted if name in alerts and matches(wanted[name], line)] == [
            "Other errors"
        ]


def test_a_tick_that_hangs_or_is_paused_rings_and_a_new_installation_does_not(planned: Outcome) -> None:
    (alert,) = (each for each in _alerts(planned) if each["display_name"].endswith(": The tick is silent"))
    absent, zero = alert["conditions"]

    assert alert["severity"] == "CRITICAL"
    # Absence is only noticed of what was there since the alert was made.
    assert absent["condition_absent"][0]["duration"] == "300s"
    assert absent["condition_absent"][0]["aggregations"][0]["group_by_fields"] is None  # of no one revision
    (threshold,) = zero["condition_threshold"]
    assert (threshold["comparison"], threshold["threshold_value"]) == ("COMPARISON_LT", 1)
    assert threshold["evaluation_missing_data"] is None
    # Where the alert ended by itself, a tick that stays silent would be forgotten.
    assert alert["alert_strategy"][0]["auto_close"] == "604800s"
    assert alert_of(planned)["tick-succeeded"] == "The tick is silent"


def test_only_absence_and_service_levels_ring_without_a_figure_above_a_threshold(planned: Outcome) -> None:
    """So that a first deployment, where nothing has been measured, rings for nothing."""
    for alert in _alerts(planned):
        for condition in alert["conditions"]:
            for threshold in condition["condition_threshold"]:
                below = threshold["comparison"] != "COMPARISON_GT"
                assert below is (condition["display_name"] == "The tick is silent: zero")
                assert threshold.get("evaluation_missing_data") is None
            absent = bool(condition["condition_absent"])
            assert absent is (condition["display_name"] == "The tick is silent: absent")


def test_chunks_may_wait_for_the_vendor_and_nothing_else_may(planned: Outcome) -> None:
    (alert,) = (each for each in _alerts(planned) if each["display_name"].endswith(": Messages wait"))
    waiting = {
        condition["display_name"].rpartition(" ")[2]: condition["condition_threshold"][0]
        for condition in alert["conditions"]
    }

    pattern = re.search(r'full_match\("(.*?)"\)', waiting["age"]["filter"])
    assert pattern
    assert set(pattern[1].split("|")) == {f"crm-{topic}" for topic in planned.subscriptions} - {"crm-chunks"}
    assert '"crm-chunks"' in waiting["vendor"]["filter"]
    assert waiting["age"]["threshold_value"] < waiting["vendor"]["threshold_value"]


def test_every_alert_says_how_grave_it_is(planned: Outcome) -> None:
    severities = {each["display_name"]: each["severity"] for each in _alerts(planned)}

    assert set(severities.values()) == {"CRITICAL", "ERROR", "WARNING"}


def test_service_levels_are_of_what_people_wait_for(outcomes: dict[str, Outcome]) -> None:
    def levels(planned: Outcome) -> set[str]:
        return {
            values["slo_id"]
            for address, values in planned.resources.items()
            if "google_monitoring_slo." in address
        }

    assert levels(outcomes["large"]) == {"crm-ingest", "crm-preview", "crm-links", "crm-send"}
    assert levels(outcomes["small"]) == set()
    burning = [each for each in _alerts(outcomes["large"]) if "service level" in each["display_name"]]
    assert [len(each["conditions"]) for each in burning] == [4, 4]


def test_a_service_level_is_measured_by_calls_that_a_function_serves(
    outcomes: dict[str, Outcome],
) -> None:
    planned = outcomes["large"]
    calls = {name: text for name, text in counters(planned).items() if name.endswith("-calls")}

    assert len(calls) == 3
    for text in calls.values():
        function = re.search(r'service_name="crm-(\w+)"', text)
        path = re.search(r'requestUrl=~"(.*?)"', text)
        assert function
        assert path
        sources = "".join(file.read_text() for file in (ROOT / "functions" / function[1]).rglob("*.py"))
        assert re.search(path[1].rpartition("/")[2], sources), path[1]


def test_every_alert_is_explained_to_the_operator(outcomes: dict[str, Outcome]) -> None:
    alerts_text = (
        (ROOT / "docs" / "operations.md").read_text().partition("\n## Alerts\n")[2].partition("\n## ")[0]
    )
    alerts = {
        alert["display_name"].partition(": ")[2]
        for planned in outcomes.values()
        for alert in _alerts(planned)
    }

    assert len(alerts) > 12
    explained = re.findall(r"^### (.+)$", alerts_text, re.MULTILINE)
    assert sorted(explained) == sorted([*alerts, "The budget"])


def test_the_dashboard_is_one(planned: Outcome) -> None:
    dashboard = planned.resources["module.monitoring.google_monitoring_dashboard.this"]["dashboard_json"]

    places = [(tile["xPos"], tile["yPos"]) for tile in json.loads(dashboard)["mosaicLayout"]["tiles"]]
    assert len(places) == len(set(places)) == 10


def test_the_bill_counts_every_condition_and_secret(outcomes: dict[str, Outcome]) -> None:
    def conditions(planned: Outcome) -> int:
        return sum(len(alert["conditions"]) for alert in _alerts(planned))

    resources = outcomes["small"].resources
    secrets = [address for address in resources if address.startswith("google_secret_manager_secret.")]

    assert conditions(outcomes["small"]) == cost_model.CONDITIONS
    assert conditions(outcomes["large"]) == cost_model.CONDITIONS + cost_model.LEVEL_CONDITIONS
    assert len(secrets) == cost_model.SECRETS


def test_the_bill_counts_every_series_that_alerts_look_at(outcomes: dict[str, Outcome]) -> None:
    """A condition looks at one, or at one for each subscription or function; a ratio at two of each."""
    planned = outcomes["small"]
    rest = used = 0
    for condition in (condition for alert in _alerts(planned) for condition in alert["conditions"]):
        looked = looked_at(condition)
        (aggregation,) = looked["aggregations"]
        series = 1
        if "resource.label.subscription_id" in (aggregation["group_by_fields"] or []):
            series = len(planned.subscriptions)
        elif "resource.label.service_name" in (aggregation["group_by_fields"] or []):
            series = 4 if looked.get("denominator_filter") else len(planned.functions)
        used += series * (2 if looked.get("denominator_filter") else 1)
        always = aggregation["per_series_aligner"] in ("ALIGN_MAX", "ALIGN_NEXT_OLDER")
        rest += series * (always or "The tick is silent" in condition["display_name"])

    assert (rest, used) == (cost_model.SERIES_WHEN_IDLE, cost_model.SERIES)


def test_what_the_documentation_calls_large_is_what_the_large_environment_makes(
    outcomes: dict[str, Outcome],
) -> None:
    planned = outcomes["large"]
    text = (ROOT / "docs" / "cost.md").read_text().partition("\n## Large\n")[2]
    words = text.partition("$ crm cost ")[2].partition("\n")[0].split()
    warm = [each for each in map(planned.function, planned.functions) if each["min_instance_count"]]
    location = planned.resources["google_firestore_database.this"]["location_id"]
    retention = planned.resources["google_firestore_backup_schedule.daily"]["retention"]

    assert _option(words, "backup-days") * 86400 == int(retention.removesuffix("s"))
    assert ("--multi-region" in words) is bool(re.fullmatch(r"[a-z]+\d", location))
    assert _option(words, "warm-cpu") == sum(
        float(each["available_cpu"]) * each["min_instance_count"] for each in warm
    )
    assert _option(words, "warm-gib") == sum(
        _gib(each["available_memory"]) * each["min_instance_count"] for each in warm
    )
    assert ("--service-levels" in words) is any(
        "google_monitoring_slo." in address for address in planned.resources
    )


def _option(words: list[str], name: str) -> float:
    return float(words[words.index(f"--{name}") + 1])


def _gib(memory: str) -> float:
    return float(memory[:-2]) / (1024 if memory.endswith("Mi") else 1)
