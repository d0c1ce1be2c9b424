"""Channels: `ports.Vendor` is what a provider's adapter implements, one file a provider.

`http_vendor` is the adapter that exists; an SMTP adapter would be `smtp.py` next to it. `simulator_ledger`
stores what the simulated vendor took.
"""
