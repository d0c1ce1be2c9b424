# What must not be deployed is refused with a sentence.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

mock_provider "google-beta" {}

variables {
  project  = "my-project"
  region   = "europe-west1"
  packages = {}
}

run "a_missing_or_wrong_value" {
  command = plan

  variables {
    project          = "My Project"
    region           = "Europe"
    name             = "a-name-that-is-too-long"
    oauth_client_id  = "1234"
    simulated_vendor = false
    vendor_url       = ""
    billing_account  = "mine"
    secret_versions  = { session-secrets = "latest" }
    settings         = { deliver = { CRM_SMTP_PASSWORD = "hunter2" } }
    scale            = { delivery = { max = 3 } }
  }

  expect_failures = [
    var.project,
    var.region,
    var.name,
    var.oauth_client_id,
    var.vendor_url,
    var.billing_account,
    var.packages,
    var.secret_versions,
    var.settings,
    var.scale,
  ]
}
