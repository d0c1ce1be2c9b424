"""The trace of a call: read from headers and attributes, and handed on."""

import pytest

from crm.platform import tracing

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
TRACE = tracing.Trace(TRACE_ID, SPAN_ID, is_sampled=True)


@pytest.mark.parametrize(
    ("carrier", "trace"),
    [
        ({"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"}, TRACE),
        ({"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-02"}, tracing.Trace(TRACE_ID, SPAN_ID, is_sampled=False)),
        ({"traceparent": f"cc-{TRACE_ID}-{SPAN_ID}-01-what-the-future-adds"}, TRACE),
        ({"x-cloud-trace-context": f"{TRACE_ID}/{int(SPAN_ID, 16)};o=1"}, TRACE),
        ({"x-cloud-trace-context": TRACE_ID}, tracing.Trace(TRACE_ID, "", is_sampled=False)),
        ({"x-cloud-trace-context": f"{TRACE_ID}/{2**64}"}, tracing.Trace(TRACE_ID, "", is_sampled=False)),
        ({"traceparent": f"ff-{TRACE_ID}-{SPAN_ID}-01"}, None),
        ({"traceparent": f"00-{'0' * 32}-{SPAN_ID}-01"}, None),
        ({"traceparent": f"00-{TRACE_ID}-{'0' * 16}-01"}, None),
        ({"x-cloud-trace-context": f"{TRACE_ID}/x"}, None),
        ({}, None),
    ],
)
def test_a_trace_is_read(carrier: dict[str, str], trace: tracing.Trace | None) -> None:
    assert tracing.of(carrier) == trace


def test_what_goes_out_is_the_trace_of_the_call() -> None:
    assert tracing.outgoing() == {}
    with tracing.following(TRACE):
        assert tracing.of(tracing.outgoing()) == TRACE
    assert tracing.outgoing() == {}


def test_a_new_trace_is_valid_and_not_sampled() -> None:
    new = tracing.new()
    with tracing.following(new):
        arrived = tracing.of(tracing.outgoing())

    assert arrived is not None
    assert (arrived.trace_id, arrived.is_sampled) == (new.trace_id, False)
    assert tracing.new().trace_id != new.trace_id
