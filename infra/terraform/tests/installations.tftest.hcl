# Two installations in one project.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

mock_provider "google-beta" {}

variables {
  project = "my-project"
  region  = "europe-west1"
  packages = {
    for function in ["ingest", "consumer", "campaigns", "deliver", "receipts", "summarize", "vendor"] :
    function => { path = "build/functions/${function}.zip", sha256 = sha256(function) }
  }
}

run "a_second_installation_shares_no_name" {
  command = plan

  variables {
    name            = "crm-two"
    enable_firebase = false
  }

  assert {
    condition     = alltrue([for topic in google_pubsub_topic.this : startswith(topic.name, "crm-two-")])
    error_message = "A topic would be shared."
  }
  assert {
    condition     = alltrue([for one in module.function : startswith(one.name, "crm-two-")])
    error_message = "A function would be shared."
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : startswith(secret.secret_id, "crm-two-")])
    error_message = "A secret would be shared."
  }
  assert {
    condition = alltrue([
      google_firestore_database.this.name == "crm-two-data",
      local.common.CRM_DATABASE == "crm-two-data",
      local.common.CRM_TOPIC_PREFIX == "crm-two-",
      google_storage_bucket.packages.name == "my-project-crm-two-packages",
      google_firebase_hosting_site.this.site_id == "my-project-crm-two",
      google_cloud_scheduler_job.tick.name == "crm-two-tick",
      google_service_account.push.account_id == "crm-two-push",
    ])
    error_message = "A database, bucket, site, job or account would be shared."
  }
}

# What tests/infra holds against Google's limits: the longest names that the variables let through, and the shortest.
run "the_longest_names" {
  command = plan

  variables {
    project         = "a-project-that-is-as-long-as-1"
    name            = "fourteen-chars"
    site_id         = "a-site-id-that-is-as-long-as-1"
    alert_emails    = [for n in range(16) : "ops${n}@example.com"]
    billing_account = "012345-6789AB-CDEF01"
    gemini          = true
  }
}

run "the_shortest_names" {
  command = plan

  variables {
    name = "c"
  }
}
