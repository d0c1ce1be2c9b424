"""Which variables an instance gets: those that are planned, and no others that a deployment would lack."""

from dataclasses import fields

import pytest

from crm.config import PREFIX
from crm.topology import FUNCTIONS
from devstack.errors import StackError
from devstack.secrets import Secrets
from devstack.settings import CLASSES, Ports, environments
from rehearse.stage import HARMLESS, variables_of

WIRED = {
    "CRM_PROJECT": "crm-local",
    "CRM_ID_KEY": "a secret of the stack",
    "CRM_CERTS_URL": "http://127.0.0.1/certs",
    "CRM_PUBLIC_URL": "http://localhost",
}


def test_planned_variables_get_the_values_of_the_stack_where_it_has_some() -> None:
    plan = {"CRM_PROJECT": "my-project", "CRM_ID_KEY": "", "CRM_TRUSTED_HOPS": "1"}

    given = variables_of("v2", "consumer", WIRED, plan)

    assert given.pop("CRM_RATE_LIMITS")
    assert given == {
        "CRM_PROJECT": "crm-local",
        "CRM_ID_KEY": "a secret of the stack",
        "CRM_TRUSTED_HOPS": "1",
        "CRM_CERTS_URL": "http://127.0.0.1/certs",
        "CRM_VERSION": "v2",
    }


def test_without_a_plan_they_are_those_of_the_stack() -> None:
    assert variables_of("v2", "consumer", WIRED, None).items() >= WIRED.items()


def test_no_setting_of_a_function_has_it_call_google() -> None:
    secret = "a secret for tests that is long enough"
    stack = environments(Ports(1, dict.fromkeys(FUNCTIONS, 2)), Secrets(*[secret] * 7), "file:///ledger")
    for function, settings in CLASSES.items():
        every = {
            f"{PREFIX}{field.name.upper()}": "https://example.googleapis.com" for field in fields(settings)
        }

        given = variables_of("v2", function, stack[function], every)

        kept = {name for name, value in given.items() if value == "https://example.googleapis.com"}
        assert kept <= HARMLESS


def test_the_tick_asks_google_for_no_backup() -> None:
    plan = {"CRM_BACKUP_WITHIN_HOURS": "30"}

    assert variables_of("v2", "deliver", WIRED, plan)["CRM_BACKUP_WITHIN_HOURS"] == "0"


def test_summaries_do_not_ask_gemini() -> None:
    plan = {"CRM_GEMINI_KEY": "", "CRM_GEMINI_URL": "https://gemini.example.com"}

    assert not any("GEMINI" in name for name in variables_of("v2", "summarize", WIRED, plan))


def test_a_variable_that_nobody_has_looked_at_is_refused() -> None:
    plan = {"CRM_EXPORT_URL": "https://bigquery.googleapis.com"}

    with pytest.raises(StackError, match="consumer of v2 is planned with CRM_EXPORT_URL"):
        variables_of("v2", "consumer", WIRED, plan)


def test_a_function_that_this_checkout_does_not_have_is_rehearsed_too() -> None:
    given = variables_of("v1", "mailer", WIRED, None)

    assert given.items() >= WIRED.items()
    assert given["CRM_VERSION"] == "v1"
