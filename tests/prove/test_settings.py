from prove.settings import ACK_DEADLINE, FUNCTION_TIMEOUT, HANG, LEASE, VENDOR_TIMEOUT, pushes


def test_the_deadlines_of_the_proof_keep_the_order_of_production() -> None:
    patience = LEASE / 2  # see crm.delivery.usecases.hand_over

    assert VENDOR_TIMEOUT < patience < FUNCTION_TIMEOUT < ACK_DEADLINE <= LEASE
    assert {push.ack_deadline for push in pushes()} == {ACK_DEADLINE}


def test_the_vendor_that_hangs_is_given_up() -> None:
    assert HANG > VENDOR_TIMEOUT
