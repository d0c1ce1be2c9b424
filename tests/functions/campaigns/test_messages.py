"""The preview of a message over HTTP."""

import asyncio
import threading
import time
from typing import Any

import pytest

from crm.campaigns import message
from crm.campaigns.message import VARIABLES
from crm.customers.customer import Totals
from crm.customers.customer_key import customer_key
from tests.functions.campaigns.conftest import NOW, Api, paths, person
from tests.identity import ORIGIN
from tests.security.hostile_templates import BOUNDED, REFUSED

pytestmark = pytest.mark.emulator


async def test_a_message_is_shown_for_one_customer(api: Api) -> None:
    await api.store([person(1, name="Mira Shah"), person(2, name="{{ customer.email }}", city=None)])
    message = {
        "subject": "For {{ customer.first_name }}",
        "body": "Hi {{ customer.name }} of {{ customer.city }}",
    }
    found = (await api.post("/messages/preview", {"message": message, "key": customer_key("C-1")})).json()
    assert (found["customer_id"], found["subject"], found["body"]) == ("C-1", "For Mira", "Hi Mira Shah of ")
    assert found["warnings"] == ["customer.city is empty for this customer and has no default"]
    found = (await api.post("/messages/preview", {"message": message, "key": customer_key("C-2")})).json()
    assert found["body"] == "Hi {{ customer.email }} of "


async def test_a_preview_unsubscribes_nobody(api: Api) -> None:
    await api.store([person(1)])
    body = {"message": {"body": "No more: {{ unsubscribe_url }}"}, "key": customer_key("C-1")}
    found = (await api.post("/messages/preview", body, "viewer")).json()
    assert found["body"] == f"No more: {ORIGIN}/api/v1/unsubscribe/example"


async def test_without_a_customer_some_customer_is_shown(api: Api) -> None:
    body = {"message": {"body": "Hi {{ customer.first_name | default: 'there' }}"}}
    made_up = (await api.post("/messages/preview", body)).json()
    assert made_up["body"] == "Hi Mira"
    await api.store([person(7, name="Ana Lee")])
    found = (await api.post("/messages/preview", body)).json()
    assert (found["customer_id"], found["body"], found["subject"]) == ("C-7", "Hi Ana", None)


async def test_a_viewer_is_shown_somebody_made_up_who_lacks_nothing(api: Api) -> None:
    await api.store([person(7, name="Ana Lee", attributes={"shoe_size": "wide 38"})])
    listed = (await api.get("/messages/variables", "viewer")).json()["data"]
    names = [f"customer.{each['name']}" for each in listed]
    assert "customer.attributes.shoe_size" in names
    body = {"message": {"body": "\n".join(f"[{{{{ {name} }}}}]" for name in names)}}
    asked: list[dict[str, Any]] = [
        body,
        {**body, "key": customer_key("C-7")},
        {**body, "key": customer_key("X")},
    ]
    for each in asked:
        found = (await api.post("/messages/preview", each, "viewer")).json()
        assert (found["customer_id"], found["warnings"]) == ("example", [])
        assert "Mira Shah" in found["body"]
        assert "[]" not in found["body"]
        assert not any(value in found["body"] for value in ("C-7", "Ana", "c7@example.com", "wide 38"))


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"body": "Hi {{ customer.nme }}"}, "message.body"),
        ({"body": "Hi {{ customer.name"}, "message.body"),
        ({"body": "Hi", "subject": "{{ user }}"}, "message.subject"),
        ({"body": ""}, "message.body"),
        ({"body": "x" * 30_000}, "message.body"),
        ({"subject": "Hi"}, "message.body"),
        ("Hi", "message"),
    ],
    ids=lambda value: str(value)[:30].encode("ascii", "replace").decode(),
)
async def test_an_invalid_message_is_refused_by_path(api: Api, message: object, path: str) -> None:
    answer = await api.post("/messages/preview", {"message": message}, "viewer")
    assert answer.status_code == 422
    assert paths(answer) == [path]


async def test_an_unknown_variable_is_reported_with_its_place(api: Api) -> None:
    answer = await api.post("/messages/preview", {"message": {"body": "Hi\n{{ customer.nme }}"}}, "viewer")
    assert "line 2, column" in answer.json()["errors"][0]["message"]
    assert "customer.name" in answer.json()["errors"][0]["message"]


async def test_an_unknown_customer_is_refused(api: Api) -> None:
    answer = await api.post("/messages/preview", {"message": {"body": "Hi"}, "key": customer_key("X")})
    assert paths(answer) == ["key"]


async def test_a_message_is_shown_for_several_who_are_there(api: Api) -> None:
    await api.store([person(1), person(2), person(3, known=False, erased_at=NOW)])
    body = {
        "message": {"body": "Hi {{ customer.name }}"},
        "keys": [*map(customer_key, ("C-2", "C-3", "C-9", "C-1"))],
    }
    answer = await api.post("/messages/previews", body)
    assert [(each["customer_id"], each["body"]) for each in answer.json()["data"]] == [
        ("C-2", "Hi Customer 2"),
        ("C-1", "Hi Customer 1"),
    ]
    too_many = await api.post("/messages/previews", {**body, "keys": ["0" * 32] * 21})
    assert paths(too_many) == ["keys"]
    wrong = await api.post("/messages/previews", {**body, "message": {"body": "{{ customer.x }}"}})
    assert (wrong.status_code, paths(wrong)) == (422, ["message.body"])


async def test_the_variables_are_the_registered_fields_and_the_attributes_in_use(api: Api) -> None:
    listed = (await api.get("/messages/variables", "viewer")).json()["data"]
    assert [each["name"] for each in listed][: len(VARIABLES)] == list(VARIABLES)
    assert listed[0] == {"name": "first_name", "label": "First name"}


async def test_a_template_that_would_take_too_much_is_refused_with_its_place(api: Api) -> None:
    for body in REFUSED.values():
        if not body.isprintable() and "\n" not in body:
            continue  # half a character cannot be sent as JSON
        answer = await api.post("/messages/preview", {"message": {"body": body}}, "viewer")
        assert answer.status_code == 422, body[:80]
        assert set(paths(answer)) == {"message.body"}


async def test_values_that_make_a_template_explode_refuse_its_preview(api: Api) -> None:
    await api.store([person(1), person(2, totals=Totals(order_count=10**9))])
    message = {"body": "{{ (1..customer.order_count) | join: '' }}x"}
    body = {"message": message, "key": customer_key("C-1")}
    assert (await api.post("/messages/preview", body)).status_code == 200
    answer = await api.post("/messages/preview", {**body, "key": customer_key("C-2")})
    assert (answer.status_code, paths(answer)) == (422, ["message.body"])
    both = {"message": message, "keys": [customer_key("C-1"), customer_key("C-2")]}
    answer = await api.post("/messages/previews", both)
    assert (answer.status_code, paths(answer)) == (422, ["message.body"])


async def test_a_template_within_the_limits_is_shown(api: Api) -> None:
    for body in BOUNDED.values():
        answer = await api.post("/messages/preview", {"message": {"body": body}}, "viewer")
        assert answer.status_code == 200, body[:80]


async def test_a_person_has_one_preview_checked_or_rendered_at_a_time(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed, lock = vars(message)["parsed"], threading.Lock()
    under_way, most = 0, 0

    def slowly(*arguments: Any) -> Any:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1
        return parsed(*arguments)

    monkeypatch.setattr(message, "parsed", slowly)
    bodies = [{"message": {"body": f"Hi {number}"}} for number in range(5)]
    answers = await asyncio.gather(*(api.post("/messages/preview", body, "viewer") for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert most == 1
