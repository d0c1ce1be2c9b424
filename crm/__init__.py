"""What the functions share: domain, audience engine, use cases, ports and adapters."""
