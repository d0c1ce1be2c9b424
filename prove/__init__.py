"""The proof: campaigns on a stack of its own, under fire. `make prove` is its face; see docs/prove.md."""
