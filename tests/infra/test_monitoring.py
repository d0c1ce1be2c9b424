"""What alerts count is what the code logs, and every alert is explained."""

import ast
import json
import re

from crm.cli import cost_model
from tests.infra.conftest import Outcome
from tests.support import ROOT

SEVERITIES = {"error": "ERROR", "exception": "ERROR", "warning": "WARNING", "info": "INFO"}


def logged() -> set[tuple[str, str]]:
    """Severity and text of every line that the code can log; constants are looked up by their names."""
    files = [*(ROOT / "crm").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    trees = [ast.parse(file.read_text()) for file in files]
    constants = {
        ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target): node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
    }
    found = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger.") and node.args):
            continue
        text = node.args[0]
        value = text.value if isinstance(text, ast.Constant) else constants.get(ast.unparse(text))
        found.add((SEVERITIES[ast.unparse(node.func).removeprefix("logger.")], str(value).replace("%d", "7")))
    return found


def test_each_line_that_alerts_count_is_logged(planned: Outcome) -> None:
    lines = logged()
    metrics = [values for address, values in planned.resources.items() if "google_logging_metric." in address]
    counted = [metric for metric in metrics if "jsonPayload.message" in metric["filter"]]

    assert len(counted) == 5
    for metric in counted:
        pattern = re.search(r'message=~"\^\(?(.*?)\)?"$', metric["filter"])
        severity = re.search(r'severity="(\w+)"', metric["filter"])
        assert pattern is not None
        for sentence in pattern[1].split("|"):
            fitting = {level for level, text in lines if re.match(sentence, text)}
            assert fitting, f"nothing logs {sentence!r}"
            assert severity is None or fitting == {severity[1]}, sentence


def test_every_alert_is_explained_to_the_operator(planned: Outcome) -> None:
    alerts_text = (
        (ROOT / "docs" / "operations.md").read_text().partition("\n## Alerts\n")[2].partition("\n## ")[0]
    )
    alerts = [
        values["display_name"].partition(": ")[2]
        for address, values in planned.resources.items()
        if "google_monitoring_alert_policy." in address
    ]

    assert len(alerts) > 8
    explained = re.findall(r"^### (.+)$", alerts_text, re.MULTILINE)
    assert sorted(explained) == sorted([*alerts, "The budget"])


def test_the_dashboard_is_one(planned: Outcome) -> None:
    dashboard = planned.resources["module.monitoring.google_monitoring_dashboard.this"]["dashboard_json"]

    places = [(tile["xPos"], tile["yPos"]) for tile in json.loads(dashboard)["mosaicLayout"]["tiles"]]
    assert len(places) == len(set(places)) == 10


def test_the_bill_counts_every_condition_and_secret(outcomes: dict[str, Outcome]) -> None:
    resources = outcomes["small"].resources
    alerts = [values for address, values in resources.items() if "google_monitoring_alert_policy." in address]
    secrets = [address for address in resources if address.startswith("google_secret_manager_secret.")]

    assert sum(len(alert["conditions"]) for alert in alerts) == cost_model.CONDITIONS
    assert len(secrets) == cost_model.SECRETS


def test_the_bill_counts_every_series_that_alerts_look_at(outcomes: dict[str, Outcome]) -> None:
    """A condition looks at one, or at one for each subscription or function; a ratio at two of each."""
    planned = outcomes["small"]
    rest = used = 0
    for address, values in planned.resources.items():
        for condition in values["conditions"] if "google_monitoring_alert_policy." in address else []:
            (threshold,) = condition["condition_threshold"]
            (aggregation,) = threshold["aggregations"]
            series = 1
            if "resource.label.subscription_id" in (aggregation["group_by_fields"] or []):
                series = len(planned.subscriptions)
            elif "resource.label.service_name" in (aggregation["group_by_fields"] or []):
                series = 4 if threshold.get("denominator_filter") else len(planned.functions)
            used += series * (2 if threshold.get("denominator_filter") else 1)
            rest += series * (aggregation["per_series_aligner"] in ("ALIGN_MAX", "ALIGN_NEXT_OLDER"))

    assert (rest, used) == (cost_model.SERIES_WHEN_IDLE, cost_model.SERIES)
