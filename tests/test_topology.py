from crm.config import DeliverSettings
from crm.topology import DEAD_LETTERS, FUNCTIONS, PUSHES, ROUTES, TICK_FUNCTION

SETTINGS = DeliverSettings(project="p", vendor_url="v", vendor_key="k")


def test_every_route_and_push_leads_to_a_function_that_exists() -> None:
    named = {function for _, function in ROUTES} | {push.function for push in PUSHES} | {TICK_FUNCTION}

    assert named <= set(FUNCTIONS)


def test_no_route_hides_a_later_one() -> None:
    prefixes = [prefix for prefix, _ in ROUTES]

    assert not [
        (early, late)
        for place, early in enumerate(prefixes)
        for late in prefixes[place + 1 :]
        if late.startswith(early)
    ]


def test_topic_names_are_long_enough_for_pubsub_and_unique() -> None:
    names = [push.topic for push in PUSHES]

    assert len(set(names)) == len(names)
    assert all(len(name) >= 3 for name in names)
    assert DEAD_LETTERS in names


def test_a_vendor_call_ends_before_its_push_is_given_up_and_its_lease_lasts_longer() -> None:
    chunks = next(push for push in PUSHES if push.topic == "chunks")

    assert SETTINGS.vendor_timeout < chunks.ack_deadline <= SETTINGS.lease
