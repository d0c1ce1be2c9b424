"""The simulated vendor's decisions: pure, and the same for the same message at any time."""
