from devstack import roles


def test_the_committed_document_is_what_the_functions_enforce() -> None:
    """`python -m devstack roles` writes it."""
    assert roles.FILE.read_text() == roles.text()
