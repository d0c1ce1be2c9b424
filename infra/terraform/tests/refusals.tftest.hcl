# What must not be deployed is refused with a sentence. Each run breaks one rule of a variable; tests/infra counts them.

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

run "values_that_cannot_be" {
  command = plan

  variables {
    project            = "My Project"
    region             = "Europe"
    name               = "a-name-that-is-too-long"
    firestore_location = "Europe West"
    database           = "crm"
    backup_days        = 99
    domains            = ["https://crm.example.com"]
    oauth_client_id    = "1234"
    hosted_domain      = "@example.com"
    time_zone          = "+02:00"
    simulated_vendor   = false
    vendor_url         = ""
    billing_account    = "mine"
    monthly_budget     = 0
    alert_webhooks     = ["https://alerts.example.com/crm?token=hunter2"]
    alert_topics       = ["alerts"]
    runtime            = "python39"
    runtime_updates    = "never"
    labels             = { Team = "CRM" }
    secret_locations   = ["eu"]

    deployer_repository  = "crm"
    deployer_environment = "a b"
    packages             = {}
    release              = { version = "v1 of ours", commit = "" }
    secret_versions      = { session-secrets = "latest" }
    extra_secrets        = { Smtp = { variable = "CRM_SMTP_PASSWORD", functions = ["deliver"] } }
    scale                = { delivery = { max = 3 } }
  }

  expect_failures = [
    var.project,
    var.region,
    var.name,
    var.firestore_location,
    var.database,
    var.backup_days,
    var.domains,
    var.oauth_client_id,
    var.hosted_domain,
    var.time_zone,
    var.vendor_url,
    var.billing_account,
    var.monthly_budget,
    var.alert_webhooks,
    var.alert_topics,
    var.runtime,
    var.runtime_updates,
    var.labels,
    var.secret_locations,
    var.deployer_repository,
    var.deployer_environment,
    var.packages,
    var.secret_versions,
    var.release,
    var.extra_secrets,
    var.scale,
  ]
}

# A variable whose rules ask another one is not looked at while that one is wrong. A run takes seconds, so each
# breaks a rule of as many variables as it can.
run "values_that_cannot_be_where_others_are_right" {
  command = plan

  variables {
    site_id               = "my_site"
    settings              = { delivery = { CRM_STALL_MINUTES = "5" } }
    retention_days        = { orders = 30 }
    alert_emails          = ["ops"]
    kms_key               = "mine"
    edge                  = true
    domains               = []
    edge_calls_per_minute = 10
    backup_days           = 35
    erasure_ledger_days   = 60
  }

  expect_failures = [
    var.site_id,
    var.settings,
    var.retention_days,
    var.alert_emails,
    var.kms_key,
    var.edge,
    var.edge_calls_per_minute,
    var.erasure_ledger_days,
  ]
}

run "values_that_do_not_fit_others" {
  command = plan

  variables {
    site_id      = "a-site-that-has-many-characters"
    alert_emails = [for n in range(17) : "ops${n}@example.com"]
    packages = {
      for function in ["ingest", "consumer", "campaigns", "deliver", "receipts", "summarize", "vendor"] :
      function => { path = "build/functions/${function}.zip", sha256 = "new" }
    }
    settings           = { deliver = { STALL_MINUTES = "5" } }
    retention_days     = { audit_log = 7 }
    extra_secrets      = { smtp-password = { variable = "CRM_SMTP_PASSWORD", functions = ["delivery"] } }
    kms_key            = "projects/my-keys/locations/europe-west1/keyRings/crm/cryptoKeys/data"
    firestore_location = "eur3"
  }

  expect_failures = [
    var.site_id,
    var.alert_emails,
    var.packages,
    var.settings,
    var.retention_days,
    var.extra_secrets,
    var.kms_key,
  ]
}

run "a_secret_in_plain_and_one_twice" {
  command = plan

  variables {
    settings      = { deliver = { CRM_SMTP_PASSWORD = "hunter2" } }
    extra_secrets = { vendor-password = { variable = "CRM_VENDOR_KEY", functions = ["deliver"] } }
  }

  expect_failures = [var.settings, var.extra_secrets]
}

run "what_is_set_already_is_no_setting" {
  command = plan

  variables {
    settings = { deliver = { CRM_LEASE = "30" }, campaigns = { CRM_CERTS_URL = "https://example.com/certs" } }
  }

  expect_failures = [var.settings]
}
