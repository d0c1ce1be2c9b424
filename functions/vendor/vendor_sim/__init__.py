"""The simulated vendor's own decisions: pure, the same for the same message whenever it is asked."""
