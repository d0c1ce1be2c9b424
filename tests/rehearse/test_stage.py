"""Which variables an instance gets: those that are planned, and no others that a deployment would lack."""

from rehearse.stage import variables_of

WIRED = {
    "CRM_PROJECT": "crm-local",
    "CRM_ID_KEY": "a secret of the stack",
    "CRM_CERTS_URL": "http://127.0.0.1/certs",
    "CRM_PUBLIC_URL": "http://localhost",
}


def test_planned_variables_get_the_values_of_the_stack_where_it_has_some() -> None:
    plan = {"consumer": {"CRM_PROJECT": "my-project", "CRM_ID_KEY": "", "CRM_TRUSTED_HOPS": "1"}}

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
