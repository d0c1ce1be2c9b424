"""Runs inside the functions' processes: this folder is on their Python path."""
