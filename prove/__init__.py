"""Fault injection: campaigns on a stack of their own, with processes killed and calls delayed. `make prove`
runs it; see docs/prove.md."""
