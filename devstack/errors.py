"""What the local stack says when it cannot go on."""


class StackError(RuntimeError):
    """One or two sentences for a person: what is wrong, and what to do about it."""
