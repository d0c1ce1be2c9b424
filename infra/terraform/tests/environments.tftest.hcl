# Each file of environments/ is planned as it is, by a plain `terraform test`. tests/infra sees that none of their
# variables is left out here.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

mock_provider "google-beta" {}

variables {
  project         = "my-project"
  region          = "europe-west1"
  oauth_client_id = "1234.apps.googleusercontent.com"
  packages = {
    for function in ["ingest", "consumer", "campaigns", "deliver", "receipts", "summarize", "vendor"] :
    function => { path = "build/functions/${function}.zip", sha256 = sha256(function) }
  }
}

run "files" {
  module {
    source = "./tests/environments"
  }
}

run "small" {
  command = plan

  variables {
    time_zone      = run.files.of.small.time_zone
    alert_emails   = run.files.of.small.alert_emails
    monthly_budget = run.files.of.small.monthly_budget
  }

  assert {
    condition     = var.simulated_vendor && length(local.made) == 7 && alltrue([for one in local.made : one.service.min_instance_count == 0])
    error_message = "The small environment does not scale to zero, or has no vendor that is simulated."
  }
}

run "large" {
  command = plan

  variables {
    hosted_domain      = run.files.of.large.hosted_domain
    domains            = run.files.of.large.domains
    time_zone          = run.files.of.large.time_zone
    firestore_location = run.files.of.large.firestore_location
    backup_days        = run.files.of.large.backup_days
    retention_days     = run.files.of.large.retention_days
    simulated_vendor   = run.files.of.large.simulated_vendor
    vendor_url         = run.files.of.large.vendor_url
    gemini             = run.files.of.large.gemini
    scale              = run.files.of.large.scale
    settings           = run.files.of.large.settings
    alert_emails       = run.files.of.large.alert_emails
    service_levels     = run.files.of.large.service_levels
    billing_account    = run.files.of.large.billing_account
    monthly_budget     = run.files.of.large.monthly_budget
  }

  assert {
    condition     = !contains(keys(local.made), "vendor") && local.environments["deliver"].CRM_VENDOR_URL == var.vendor_url
    error_message = "The large environment sends to a vendor that is simulated."
  }
  assert {
    condition     = toset(module.monitoring.hosts) == toset(["my-project-crm.web.app", "crm.example.com"])
    error_message = "Nobody asks from outside whether the domain of one's own answers."
  }
}
