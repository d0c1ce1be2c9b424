"""The HTTP surface of `receipts`."""
