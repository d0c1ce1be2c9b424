from crm.config import DeliverSettings, SummarizeSettings
from crm.topology import DEAD_LETTERS, FUNCTIONS, PUSHES, REQUEST_TIMEOUTS, ROUTES, TICK_FUNCTION

SETTINGS = DeliverSettings(
    project="p", vendor_url="v", vendor_key="k", public_url="u", unsubscribe_keys=("k",), id_key="k"
)


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


def test_every_function_has_a_time_and_answers_before_its_push_is_given_up() -> None:
    assert set(REQUEST_TIMEOUTS) == set(FUNCTIONS)
    for push in PUSHES:
        assert REQUEST_TIMEOUTS[push.function] < push.ack_deadline


def test_vendor_call_chunk_function_acknowledgement_and_lease_end_in_this_order() -> None:
    deadlines = [push.ack_deadline for push in PUSHES if push.function == "deliver"]
    patience = SETTINGS.lease / 2  # see crm.delivery.usecases.hand_over

    assert SETTINGS.vendor_timeout < patience < REQUEST_TIMEOUTS["deliver"]
    assert REQUEST_TIMEOUTS["deliver"] < min(deadlines)
    assert max(deadlines) <= SETTINGS.lease


def test_who_waits_for_a_model_is_answered_before_the_request_ends() -> None:
    gemini_timeout = SummarizeSettings(project="p", session_secrets=("s",), origins=("o",)).gemini_timeout

    assert gemini_timeout < REQUEST_TIMEOUTS["summarize"]
