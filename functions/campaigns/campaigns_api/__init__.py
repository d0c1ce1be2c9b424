"""The web app's API: a router a resource."""
