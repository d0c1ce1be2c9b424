"""In an empty project nothing is made before what it needs: by the graph that Terraform itself walks."""

import re
from collections import defaultdict

import pytest

from crm.topology import PUSHES
from deploy.offline_plan import Cli as Terraform
from deploy.offline_plan import Outcome

APIS = "google_project_service.this"
RESOURCE = "google_cloudfunctions2_function.this"
FUNCTION = f"module.function.{RESOURCE}"
PUBLISHER = f"module.publisher.{RESOURCE}"
ALERTS = "module.monitoring.google_monitoring_alert_policy.this"
BROKER = "google_project_service_identity.pubsub"

Graph = dict[str, set[str]]
"""Resource → whatever it waits for, directly or not."""


@pytest.fixture(scope="module")
def after(terraform: Terraform) -> Graph:
    """What each resource waits for."""
    done = terraform.run("graph")
    assert done.returncode == 0, done.stderr
    direct = defaultdict(set)
    for one, other in re.findall(r'^\s*"([^"]+)" -> "([^"]+)"', done.stdout, re.MULTILINE):
        direct[one].add(other)
    nodes = set(re.findall(r'^\s*"([^"]+)" \[label', done.stdout, re.MULTILINE))
    return {node: _reached(node, direct) for node in nodes}


def test_everything_waits_for_the_interfaces(after: Graph) -> None:
    early = {node for node, waited in after.items() if APIS not in waited}

    assert len(after) > 40
    assert early == {APIS, "data.google_project.this"}  # `make deploy` enables what that one takes


def test_a_build_waits_until_its_rights_are_effective(after: Graph) -> None:
    rights = {node for node in after if node.startswith("google_") and "_iam_member.build" in node}

    assert len(rights) == 3
    assert rights <= after["terraform_data.build_rights"] <= after[FUNCTION]
    assert "terraform_data.build_rights" in after[FUNCTION]


def test_a_function_starts_with_its_own_rights(after: Graph) -> None:
    own = {node for node in after if node.startswith("module.function.") and "_iam_member." in node}
    waiting = {node for node in own if FUNCTION in after[node]}

    assert waiting == {"module.function.google_cloud_run_v2_service_iam_member.invoker"}
    assert own - waiting <= after[FUNCTION]


def test_readers_of_topics_are_updated_before_those_who_only_publish(after: Graph) -> None:
    assert FUNCTION in after[PUBLISHER]
    assert PUBLISHER not in after[FUNCTION]


def test_who_reads_a_topic_is_not_among_those_who_only_publish(planned: Outcome) -> None:
    places = {
        module: {
            name for name in planned.functions if f'module.{module}["{name}"].{RESOURCE}' in planned.resources
        }
        for module in ("function", "publisher")
    }
    readers = {push.function for push in PUSHES}
    assert places["function"] == planned.functions & readers
    assert places["publisher"] == planned.functions - readers
    assert {"ingest", "campaigns"} <= places["publisher"]


def test_an_alert_waits_until_its_metric_is_known(after: Graph) -> None:
    assert (
        "module.monitoring.google_logging_metric.this"
        in after["module.monitoring.terraform_data.metrics_known"]
    )
    assert "module.monitoring.terraform_data.metrics_known" in after[ALERTS]
    assert FUNCTION not in after["module.monitoring.terraform_data.metrics_known"]  # both take minutes


def test_the_broker_has_an_account_before_it_gets_rights(after: Graph) -> None:
    granted = [
        "google_service_account_iam_member.push_tokens",
        "google_pubsub_topic_iam_member.dead_letters",
        "google_pubsub_topic_iam_member.undeliverable",
        "module.push.google_pubsub_subscription_iam_member.broker",
    ]
    assert [node for node in granted if BROKER not in after[node]] == []


def _reached(start: str, direct: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for each in direct[waiting.pop()] - found:
            found.add(each)
            waiting.append(each)
    return found
