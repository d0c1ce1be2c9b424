# To try it out, or for a small shop: everything scales to zero, and the simulated vendor plays the vendor.
# Copy it to environments/<project>.tfvars; `make deploy PROJECT=<project> REGION=<region>` finds it there.

oauth_client_id = "replace-me.apps.googleusercontent.com"
time_zone       = "Europe/Berlin"
alert_emails    = ["ops@example.com"]

# billing_account = "012345-6789AB-CDEF01"
monthly_budget = 20
