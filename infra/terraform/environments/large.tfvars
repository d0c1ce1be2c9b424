# For a brand with millions of customers: a real vendor, a domain of its own, instances that are kept warm.
# Copy it to environments/<project>.tfvars; `make deploy PROJECT=<project> REGION=<region>` finds it there.

oauth_client_id    = "replace-me.apps.googleusercontent.com"
hosted_domain      = "example.com"
domains            = ["crm.example.com"]
time_zone          = "Europe/Berlin"
firestore_location = "eur3"
backup_days        = 35
retention_days     = { audit_log = 800 }

simulated_vendor = false
vendor_url       = "https://messages.example.com"

gemini = true

# Cloud Run's quotas of the region, of processors and of memory, must allow so many instances: ask for them first.
scale = {
  ingest    = { min = 1, max = 100 }
  consumer  = { max = 100 }
  campaigns = { cpu = "2", memory = "4Gi", min = 1, max = 20 }
  deliver   = { cpu = "2", memory = "4Gi", max = 60 }
  receipts  = { max = 100 }
}

settings = {
  deliver = { CRM_STALL_MINUTES = "15" }
}

alert_emails    = ["ops@example.com"]
service_levels  = true
billing_account = "012345-6789AB-CDEF01"
monthly_budget  = 2000
