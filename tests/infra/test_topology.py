"""Terraform says the same as the code: pushes, time limits, topics, variables, routes, headers."""

import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from crm import config
from crm.topology import (
    DEAD_LETTERS,
    FUNCTIONS,
    PUBLISHES,
    PUSHES,
    READERS,
    REQUEST_TIMEOUTS,
    TICK_FUNCTION,
    TICK_PATH,
)
from deploy.offline_plan import Outcome
from devstack.gateway import route
from devstack.imports import closure
from devstack.settings import CLASSES
from devstack.website import SECURITY
from tests.support import ROOT, load_function

RIGHTS = ("read", "write", "delete")
DELETES = re.compile(r"\bcommit\.delete\(")
UNCALLED = {
    "consumer": {"crm/customers/store/dead_letters.py"},
    "summarize": {
        "crm/access/store/members.py",
        "crm/campaigns/store/campaigns.py",
        "crm/campaigns/store/frozen_lists.py",
    },
}
"""Function → files that it imports and of which it calls nothing that deletes."""

SECRET = "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g="
PATHS = (
    "/",
    "/campaigns",
    "/campaigns/abc/log",
    "/index.html",
    "/assets/index-abc.js",
    "/apian",
    "/ap",
    "/robots.txt",
)

PROJECT_WIDE = {
    "projects/my-project/roles/crm_backups": False,
    "roles/logging.logWriter": False,
    "roles/storage.objectViewer": True,
}
"""Roles of the project, besides those in the database → whether a condition narrows them."""

ON_ONE_RESOURCE = {
    "roles/artifactregistry.writer",
    "roles/iam.serviceAccountTokenCreator",
    "roles/pubsub.publisher",
    "roles/pubsub.subscriber",
    "roles/pubsub.viewer",
    "roles/run.invoker",
    "roles/secretmanager.secretAccessor",
    "roles/storage.objectCreator",
}


def test_every_push_is_as_the_local_stack_has_it(planned: Outcome) -> None:
    subscriptions = planned.subscriptions
    expected = [push for push in PUSHES if push.function in planned.functions]

    assert subscriptions.keys() == {push.topic for push in expected}
    for push in expected:
        found = subscriptions[push.topic]
        assert found["push_config"][0]["push_endpoint"].endswith(push.path)
        assert f"-{push.function}-" in found["push_config"][0]["push_endpoint"]
        assert found["ack_deadline_seconds"] == push.ack_deadline
        backoff = {"minimum_backoff": f"{push.retry_min}s", "maximum_backoff": f"{push.retry_max}s"}
        assert found["retry_policy"] == [backoff]
        assert found["dead_letter_policy"][0]["max_delivery_attempts"] == push.max_attempts


def test_every_function_is_there_with_its_time_limit(planned: Outcome) -> None:
    assert planned.functions | {"vendor"} == set(FUNCTIONS)
    for name in planned.functions:
        assert planned.function(name)["timeout_seconds"] == REQUEST_TIMEOUTS[name]


def test_vendor_call_chunk_function_acknowledgement_and_lease_end_in_this_order(planned: Outcome) -> None:
    variables = planned.function("deliver")["environment_variables"]
    vendor, lease = (float(variables[f"CRM_{name}"]) for name in ("VENDOR_TIMEOUT", "LEASE"))
    limit = planned.function("deliver")["timeout_seconds"]
    deadlines = [
        planned.subscriptions[push.topic]["ack_deadline_seconds"]
        for push in PUSHES
        if push.function == "deliver"
    ]

    assert vendor < lease / 2 < limit < min(deadlines)  # half a lease: see crm.delivery.usecases.hand_over
    assert max(deadlines) <= lease


def test_the_tick_is_called_every_minute(planned: Outcome) -> None:
    job = planned.resources["google_cloud_scheduler_job.tick"]

    assert job["schedule"] == "* * * * *"
    uri = job["http_target"][0]["uri"]
    assert uri.endswith(TICK_PATH)
    assert f"-{TICK_FUNCTION}-" in uri


def test_every_function_may_publish_where_the_code_does(planned: Outcome) -> None:
    for name in planned.functions:
        pattern = re.compile(
            rf'module\.(?:function|publisher)\["{name}"\]\.google_pubsub_topic_iam_member\.publisher\["(.+)"\]'
        )
        granted = {match[1] for address in planned.resources if (match := pattern.fullmatch(address))}
        assert granted == set(PUBLISHES[name]), name
    assert DEAD_LETTERS in planned.subscriptions


def test_a_function_may_change_documents_only_if_its_code_does(planned: Outcome) -> None:
    for name in planned.functions:
        right = right_of(planned, name)
        assert (right == "read") is (name in READERS), name
        deleting = {file for file in closure(ROOT, name) if DELETES.search(file.read_text())}
        named = {str(file.relative_to(ROOT)) for file in deleting}
        assert right == "delete" or named == UNCALLED.get(name, set()), name


def right_of(planned: Outcome, function: str) -> str:
    """What its role is called: "read", "write" or "delete"."""
    role = planned.of_function(function, "google_project_iam_member.database")["role"]
    return str(role).rpartition("_")[2]


def test_every_variable_that_a_function_reads_is_set_and_no_other(planned: Outcome) -> None:
    for name in planned.functions:
        service = planned.function(name)
        secrets = [each["key"] for each in service["secret_environment_variables"]]
        variables = {**service["environment_variables"], **dict.fromkeys(secrets, SECRET)}
        read = {config.PREFIX + each.upper() for each in CLASSES[name].__dataclass_fields__}

        assert variables.keys() <= read, f"{name} does not read {variables.keys() - read}"
        loaded = config.load(CLASSES[name], variables)  # names each that is missing
        assert loaded.database == planned.output("database")
        pushed = any(push.function == name for push in PUSHES)
        assert bool(loaded.push_audience and loaded.push_account) is pushed, name


def test_the_cloud_trusts_google_alone(planned: Outcome) -> None:
    for name in planned.functions:
        variables = planned.function(name)["environment_variables"]
        assert (
            not {"CRM_CERTS_URL", "CRM_ISSUERS", "CRM_PUSH_TOKEN_IN_QUERY", "CRM_IDENTITY_URL"}
            & variables.keys()
        )
        assert "CRM_SECURE_COOKIES" not in variables


def hosted(planned: Outcome, path: str) -> str:
    """Who answers a path behind Hosting: a function, or a file."""
    for rewrite in planned.output("hosting_config")["rewrites"]:
        if re.search(rewrite["regex"], path):
            service = rewrite.get("run", {}).get("serviceId", "")
            return str(service).removeprefix("crm-") or str(rewrite["path"])
    return path


def test_every_route_of_a_function_is_reached_behind_hosting_and_the_gateway(
    planned: Outcome, project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in planned.functions:
        service = planned.function(name)
        for variable, value in service["environment_variables"].items():
            monkeypatch.setenv(variable, value)
        for secret in service["secret_environment_variables"]:
            monkeypatch.setenv(secret["key"], SECRET)
    monkeypatch.setenv("CRM_PROJECT", project)
    served = 0
    for name in planned.functions:
        for each in iter_route_contexts(load_function(name).app.routes):
            path = re.sub(r"\{[^}]*\}", "x", str(each.path))
            if path.startswith("/api/"):
                served += 1
                assert (hosted(planned, path), route(path)) == (name, name), path
            else:
                assert hosted(planned, path) not in FUNCTIONS, path
    assert served > 40


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/ingestion", "/api", "/api/v2/x", "/api/v1/ai"])
def test_an_unknown_path_is_answered_by_a_function(planned: Outcome, path: str) -> None:
    """It ends in problem+json, and not in the app's page."""
    assert hosted(planned, path) == route(path)


@pytest.mark.parametrize("path", PATHS)
def test_pages_get_the_headers_that_they_get_locally(planned: Outcome, path: str) -> None:
    headers: dict[str, Any] = {}
    for each in planned.output("hosting_config")["headers"]:
        if re.search(each["regex"], path):
            headers |= {name.lower(): value for name, value in each["headers"].items()}
    cached = headers.pop("cache-control")

    assert headers == SECURITY
    assert ("immutable" in cached) is path.startswith("/assets/")


def test_pages_of_the_app_are_its_index_and_files_are_themselves(planned: Outcome) -> None:
    found = {path: hosted(planned, path) for path in PATHS}

    assert found == {
        "/": "/index.html",
        "/campaigns": "/index.html",
        "/campaigns/abc/log": "/index.html",
        "/index.html": "/index.html",
        "/assets/index-abc.js": "/assets/index-abc.js",
        "/apian": "/index.html",
        "/ap": "/index.html",
        "/robots.txt": "/robots.txt",
    }


def test_functions_headers_are_their_own(planned: Outcome) -> None:
    for each in planned.output("hosting_config")["headers"]:
        assert not re.search(each["regex"], "/api/v1/ingest/docs")
        assert not re.search(each["regex"], "/api")


def test_no_account_gets_a_role_that_is_wider_than_its_work(planned: Outcome) -> None:
    database = {f"projects/my-project/roles/crm_database_{right}": True for right in RIGHTS}
    narrowed = {**PROJECT_WIDE, **database}
    granted = {address: values for address, values in planned.resources.items() if "_iam_member." in address}

    assert len(granted) > 40
    for address, values in granted.items():
        if "google_project_iam_member." in address:
            assert bool(values["condition"]) is narrowed[values["role"]], address
        else:
            assert values["role"] in ON_ONE_RESOURCE, address
        assert values.get("member") != "allUsers" or values["role"] == "roles/run.invoker", address
