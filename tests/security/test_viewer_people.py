"""A viewer reads about one person at a time: no answer that they get speaks of two."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from crm.access.members import Role
from crm.access.route_rules import RULES_OF
from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from tests.functions.campaigns.conftest import Api, order, page_of, paths, person
from tests.functions.campaigns.drafts import DRAFT
from tests.security.conftest import Everybody

pytestmark = pytest.mark.emulator

RULES: Final[Mapping[str, Any]] = {"combinator": "and", "rules": [], "all": True}
NARROW: Final[Mapping[str, Any]] = {
    "combinator": "and",
    "rules": [{"field": "visits", "operator": ">", "value": 3}],
}
KEY: Final = customer_key("P-1")

CALLS: Final[Mapping[str, tuple[Any, ...]]] = {
    "GET /api/v1/session": (None,),
    "GET /api/v1/limits": (None,),
    "GET /api/v1/overview": (None,),
    "GET /api/v1/customers/{key}": (None,),
    "GET /api/v1/customers/{key}/segments": (None,),
    "GET /api/v1/segments": (None,),
    "GET /api/v1/segments/fields": (None,),
    "GET /api/v1/segments/{id}": (None,),
    "GET /api/v1/segments/{id}/versions": (None,),
    "GET /api/v1/segments/{id}/snapshots": (None,),
    "POST /api/v1/segments/{id}/changes": (
        {"from": "{snapshot}", "to": "now"},
        {"from": "{snapshot}", "to": "now", "change": "joined", "limit": 200},
    ),
    "POST /api/v1/audience/preview": (
        {"rules": RULES},
        {"rules": NARROW, "channel": "email"},
        {"segment_id": "{segment}"},
        {"campaign_id": "{campaign}"},
    ),
    "POST /api/v1/audience/explain": ({"rules": RULES, "key": KEY},),
    "GET /api/v1/messages/variables": (None,),
    "POST /api/v1/messages/preview": (
        {"message": {"body": "{{ customer.name }} {{ customer.email }}"}, "key": KEY},
        {"message": {"body": "Hello"}},
    ),
    "GET /api/v1/campaigns": (None,),
    "GET /api/v1/campaigns/estimate": (None,),
    "GET /api/v1/campaigns/{id}": (None,),
    "GET /api/v1/campaigns/{id}/timeline": (None,),
}
"""What a viewer may call, each with the bodies that are most likely to speak of people."""

QUERIES: Final = {"GET /api/v1/campaigns/estimate": "?recipients=10"}


def somebody(number: int) -> Customer:
    """A customer no value of whom is another's."""
    return person(
        number,
        customer_id=f"P-{number}",
        name=f"Nobody{number} Known{number}",
        email=f"p{number}@people.example.com",
        phone=f"+4477009001{number:02}",
    )


def naming(people: list[Customer]) -> dict[str, Any]:
    """Rules that say of these people, in every way, who they are."""
    emails = {"field": "email", "operator": "in", "value": [each.email for each in people]}
    ids = {"field": "customer_id", "operator": "in", "value": ", ".join(each.customer_id for each in people)}
    names = [{"field": "name", "operator": "=", "value": each.name} for each in people]
    return {"combinator": "or", "rules": [emails, ids, {"combinator": "or", "rules": names}]}


def spoken_of(text: str, people: list[Customer]) -> set[str]:
    """The ids of those of whom a text holds a value."""
    return {
        each.customer_id
        for each in people
        if any(
            value in text
            for value in (
                json.dumps(each.customer_id),
                customer_key(each.customer_id),
                str(each.name),
                str(each.email),
                str(each.phone),
            )
        )
    }


def test_every_route_that_a_viewer_may_call_is_called() -> None:
    open_to_viewers = {
        route for rules in RULES_OF.values() for route, rule in rules.items() if rule.needs == "viewer"
    }
    assert open_to_viewers == set(CALLS)


async def test_no_answer_to_a_viewer_speaks_of_two_people(everybody: Everybody) -> None:
    api = everybody.api
    people = [somebody(number) for number in range(1, 13)]
    await api.store(people[:6], [order(1, "P-1")])
    pasted = {"name": "Pasted", "rules": naming(people)}
    segment = (await api.post("/segments", pasted)).json()["id"]
    snapshot = (await api.post(f"/segments/{segment}/snapshots", {})).json()["id"]
    await api.store(people[6:])
    campaign = (await api.post("/campaigns", {**DRAFT, "rules": naming(people)})).json()["id"]
    launched = await api.post(f"/campaigns/{campaign}/launch", {})
    assert launched.is_success, launched.text
    await everybody.sends()

    named: dict[str, set[str]] = {}
    for route, bodies in CALLS.items():
        for body in bodies:
            method, path = route.split(" ")
            name = campaign if "/campaigns/" in path else segment
            path = path.removeprefix("/api/v1").format(key=KEY, id=name) + QUERIES.get(route, "")
            content = None if body is None else json.dumps(body).replace("{snapshot}", snapshot)
            content = content and content.replace("{segment}", segment).replace("{campaign}", campaign)
            answer = await api.call(
                method, path, "viewer", content=content, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 200, (route, answer.text)
            named[route] = named.get(route, set()) | spoken_of(answer.text, people)

    assert {route: found for route, found in named.items() if len(found) > 1} == {}
    assert named["GET /api/v1/customers/{key}"] == {"P-1"}  # who is there would be found


async def test_a_viewer_is_offered_no_value_that_tells_of_one_person(api: Api) -> None:
    people = [
        replace(
            somebody(number),
            city=f"{number} Elm Street",
            tags=("newsletter", f"friend-of-{number}"),
            attributes={"partner_email": f"partner{number}@people.example.com", "plan": "gold"},
        )
        for number in range(1, 13)
    ]
    await api.store(people, [order(1, "P-1", category="wigs")])
    private = ["Elm Street", "friend-of-", "partner1@", "wigs"]
    found = (await api.get("/segments/fields", "viewer")).text
    assert [each for each in private if each in found] == []
    assert "newsletter" in found
    assert "gold" in found
    found = (await api.get("/segments/fields")).text
    assert [each for each in private if each in found] == private


@pytest.mark.parametrize("operator", ["=", "beginsWith", "contains", "in"])
@pytest.mark.parametrize("field", ["customer_id", "email", "phone", "name", "attributes.partner"])
async def test_a_viewer_cannot_guess_who_there_is(api: Api, field: str, operator: str) -> None:
    rule = {"field": field, "operator": operator, "value": ["a"] if operator == "in" else "a"}
    body = {"rules": {"combinator": "and", "rules": [{"combinator": "or", "rules": [rule]}]}}
    answer = await api.post("/audience/preview", body, "viewer")
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("rules.rules.0.rules.0: your role may ask only whether ")
    assert (await api.post("/audience/preview", body)).status_code == 200


async def test_a_viewer_sees_of_pasted_rules_how_many_values_they_have(api: Api) -> None:
    people = [somebody(number) for number in range(1, 13)]
    await api.store(people)
    segment = (await api.post("/segments", {"name": "Pasted", "rules": naming(people)})).json()["id"]
    for path in (
        f"/segments/{segment}",
        "/segments",
        "/segments?sizes=false",
        f"/segments/{segment}/versions",
    ):
        seen = (await api.get(path, "viewer")).json()
        found = seen if "rules" in seen else seen["data"][0]
        assert "12 values" in found["description"]
        assert found["rules"]["rules"][0] == {"field": "email", "operator": "in", "value": "…"}
        full = (await api.get(path)).json()
        found = full if "rules" in full else full["data"][0]
        assert found["rules"] == naming(people)
    why = (await api.get(f"/customers/{KEY}/segments", "viewer")).text
    assert spoken_of(why, people) <= {"P-1"}
    counted = await api.post("/audience/preview", {"segment_id": segment}, "viewer")
    assert (counted.json()["matched"], counted.json()["total"]) == (12, 12)
    assert "12 values" in counted.json()["description"]


@pytest.mark.parametrize("body", [{}, {"rules": RULES, "segment_id": "a"}])
async def test_a_preview_counts_one_audience(api: Api, body: dict[str, Any]) -> None:
    answer = await api.post("/audience/preview", body, "viewer")
    assert (answer.status_code, paths(answer)) == (422, ["rules"])
    assert (await api.post("/audience/preview", {"segment_id": "none"}, "viewer")).status_code == 404


async def test_a_marketer_is_answered_who_is_in_an_audience(api: Api) -> None:
    people = [somebody(number) for number in range(1, 13)]
    await api.store(people)
    shown: dict[Role, int] = {"viewer": 0, "marketer": 10}
    for role, count in shown.items():
        answer = await api.post("/audience/preview", {"rules": RULES}, role)
        assert answer.json()["matched"] == 12
        assert len(answer.json()["sample"]) == count
        assert len(spoken_of(answer.text, people)) == count
    assert (await api.get(page_of("P-1"), "viewer")).status_code == 200
