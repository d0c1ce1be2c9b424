"""Nothing is planned that Google or its provider would refuse by rules that no schema contains.

Rules as Google documents them. They are held against every plan of the tests, so against the longest names
that the variables let through and the shortest, too.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deploy.offline_plan import Outcome
from tests.infra.conftest import ENVIRONMENTS, looked_at

Values = Mapping[str, Any]

NAMES: Mapping[str, tuple[str, str]] = {
    "google_artifact_registry_repository": ("repository_id", r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"),
    "google_cloud_scheduler_job": ("name", r"[A-Za-z0-9_-]{1,500}"),
    "google_cloudfunctions2_function": ("name", r"[a-z]([a-z0-9-]{0,48}[a-z0-9])?"),
    "google_firebase_hosting_site": ("site_id", r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?"),
    "google_firestore_database": ("name", r"[a-z][a-z0-9-]{2,61}[a-z0-9]"),
    "google_logging_metric": ("name", r"[A-Za-z0-9_.,+!*',()%/-]{1,100}"),
    "google_pubsub_subscription": ("name", r"(?!goog)[A-Za-z][A-Za-z0-9_.~+%-]{2,254}"),
    "google_pubsub_topic": ("name", r"(?!goog)[A-Za-z][A-Za-z0-9_.~+%-]{2,254}"),
    "google_secret_manager_secret": ("secret_id", r"[A-Za-z0-9_-]{1,255}"),
    "google_service_account": ("account_id", r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
    "google_storage_bucket": ("name", r"(?!goog)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
}
"""Kind of resource → what names it, and which names it takes. A function's URL adds 13 characters to it."""

KINDS: Mapping[str, tuple[str, str]] = {
    "logging.googleapis.com/user/": ("DELTA", "INT64"),
    "monitoring.googleapis.com/uptime_check/check_passed": ("GAUGE", "BOOL"),
    "pubsub.googleapis.com/subscription/dead_letter_message_count": ("DELTA", "INT64"),
    "pubsub.googleapis.com/subscription/num_undelivered_messages": ("GAUGE", "INT64"),
    "pubsub.googleapis.com/subscription/oldest_unacked_message_age": ("GAUGE", "INT64"),
    "run.googleapis.com/request_count": ("DELTA", "INT64"),
    "run.googleapis.com/request_latencies": ("DELTA", "DISTRIBUTION"),
}
"""Metric → what each of its points is, and of which type."""

FITTING = {
    ("DELTA", "INT64"): {("ALIGN_DELTA", "REDUCE_SUM")},
    ("DELTA", "DISTRIBUTION"): {("ALIGN_DELTA", "REDUCE_PERCENTILE_95")},
    ("GAUGE", "INT64"): {("ALIGN_MAX", "REDUCE_MAX")},
    ("GAUGE", "BOOL"): {("ALIGN_NEXT_OLDER", "REDUCE_COUNT_FALSE")},
}
"""How points may be aligned and series reduced, as far as it is done here."""


@pytest.fixture(scope="session")
def resources(outcomes: dict[str, Outcome]) -> list[tuple[str, str, Values]]:
    """Where it is planned, its kind and its values: of each resource of each plan."""
    found = [
        (f"{environment}, {run}: {each['address']}", each["type"], each["change"]["after"])
        for environment in ENVIRONMENTS
        for run, plan in outcomes[environment].plans.items()
        for each in plan["resource_changes"]
        if each["change"]["after"]
    ]
    assert len({place.partition(":")[0] for place, _, _ in found}) >= 5
    return found


def test_google_accepts_every_name(resources: list[tuple[str, str, Values]]) -> None:
    wrong = []
    for place, kind, values in resources:
        attribute, pattern = NAMES.get(kind, ("", ""))
        if attribute and not re.fullmatch(pattern, values[attribute]):
            wrong.append(f"{place} is called {values[attribute]}")

    assert wrong == []
    assert NAMES.keys() <= {kind for _, kind, _ in resources}


def test_a_second_installation_shares_nothing_with_a_first(outcomes: dict[str, Outcome]) -> None:
    plans = outcomes["small"].plans
    first, second = (_named(plans[run]) for run in ("planned", "a_second_installation_shares_no_name"))

    assert len(first) > 40
    assert first & second == set()


def test_times_and_counts_are_within_the_limits_of_pubsub_and_the_scheduler(
    resources: list[tuple[str, str, Values]],
) -> None:
    for place, kind, values in resources:
        if kind == "google_pubsub_subscription":
            assert 10 <= values["ack_deadline_seconds"] <= 600, place
            assert 600 <= _seconds(values["message_retention_duration"]) <= 31 * 86400, place
            for policy in values["retry_policy"]:
                assert 0 <= _seconds(policy["minimum_backoff"]) <= _seconds(policy["maximum_backoff"]) <= 600
            for policy in values["dead_letter_policy"]:
                assert 5 <= policy["max_delivery_attempts"] <= 100, place
        if kind == "google_cloud_scheduler_job":
            assert 15 <= _seconds(values["attempt_deadline"]) <= 1800, place
        if kind == "google_cloudfunctions2_function":
            assert 1 <= values["service_config"][0]["timeout_seconds"] <= 3600, place


def test_monitoring_accepts_every_condition_of_an_alert(
    resources: list[tuple[str, str, Values]],
) -> None:
    seen = 0
    for place, policy in _of("google_monitoring_alert_policy", resources):
        assert 1 <= len(policy["conditions"]) <= 6, place
        for condition in policy["conditions"]:
            threshold = looked_at(condition)
            assert _seconds(threshold["duration"]) % 60 == 0, place
            if condition["condition_absent"]:
                assert 120 <= _seconds(threshold["duration"]) <= 84600, place
            elif not threshold["aggregations"]:  # a burn rate, whose series is one
                assert "service level" in condition["display_name"], place
                continue
            sides = [(threshold.get("filter"), threshold["aggregations"])]
            if threshold.get("denominator_filter"):
                sides.append((threshold["denominator_filter"], threshold["denominator_aggregations"]))
            for wanted, (aggregation,) in sides:
                seen += 1
                assert len(wanted or "") <= 2048, place
                assert 60 <= _seconds(aggregation["alignment_period"]) <= 86400, place
                if wanted:  # it is not known before its metric is
                    assert 'resource.type="' in wanted, place
                    used = (aggregation["per_series_aligner"], aggregation["cross_series_reducer"])
                    assert used in FITTING[_metric(wanted)], f"{place}: {used}"
    assert seen > 50


def test_a_budget_and_the_uptime_check_are_within_their_limits(
    resources: list[tuple[str, str, Values]],
) -> None:
    budgets = _of("google_billing_budget", resources)
    checks = _of("google_monitoring_uptime_check_config", resources)

    assert budgets
    assert checks
    for place, budget in budgets:
        assert len(budget["display_name"]) <= 60, place
        for rule in budget["all_updates_rule"]:
            channels = rule.get("monitoring_notification_channels")  # ids are not known before they are there
            assert channels is None or 1 <= len(channels) <= 5, place
    for place, check in checks:
        assert check["period"] in ("60s", "300s", "600s", "900s"), place
        assert 1 <= _seconds(check["timeout"]) <= 60, place
        assert len(check["selected_regions"]) >= 3, place


def test_the_dashboard_fits_its_columns(resources: list[tuple[str, str, Values]]) -> None:
    for place, dashboard in _of("google_monitoring_dashboard", resources):
        layout = json.loads(dashboard["dashboard_json"])["mosaicLayout"]
        for tile in layout["tiles"]:
            assert tile["xPos"] + tile["width"] <= layout["columns"] <= 48, place


def test_the_database_takes_its_fields_and_backups(resources: list[tuple[str, str, Values]]) -> None:
    for place, schedule in _of("google_firestore_backup_schedule", resources):
        assert 86400 <= _seconds(schedule["retention"]) <= 98 * 86400, place
    fields = [values for _, values in _of("google_firestore_field", resources)]
    expiring = Counter(
        (values["database"], values["collection"], values["field"])
        for values in fields
        if values["ttl_config"]
    )
    assert "*" not in {field for _, _, field in expiring}
    assert max(Counter((database, group) for database, group, _ in expiring).values()) == 1
    assert max(Counter(values["database"] for values in fields).values()) <= 200 * len(ENVIRONMENTS)


def _of(kind: str, resources: list[tuple[str, str, Values]]) -> list[tuple[str, Values]]:
    return [(place, values) for place, each, values in resources if each == kind]


def _named(plan: Mapping[str, Any]) -> set[tuple[str, str]]:
    return set(_names(plan["resource_changes"]))


def _names(changes: list[Any]) -> Iterator[tuple[str, str]]:
    for each in changes:
        if each["type"] in NAMES and each["change"]["after"]:
            yield each["type"], each["change"]["after"][NAMES[each["type"]][0]]


def _seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


def _metric(wanted: str) -> tuple[str, str]:
    found = re.search(r'metric\.type="([^"]+)"', wanted)
    assert found, wanted
    return next(kind for name, kind in KINDS.items() if found[1].startswith(name))
