from prove.settings import ACK_DEADLINE, FUNCTION_TIMEOUT, HANG, LEASE, VENDOR_TIMEOUT, pushes


def test_the_deadlines_keep_the_order_of_production() -> None:
    patience = LEASE / 2  # see crm.delivery.usecases.hand_over

    assert VENDOR_TIMEOUT < patience < FUNCTION_TIMEOUT < ACK_DEADLINE <= LEASE
    assert {push.ack_deadline for push in pushes()} == {ACK_DEADLINE}


def test_a_call_to_a_vendor_that_hangs_times_out() -> None:
    assert HANG > VENDOR_TIMEOUT
