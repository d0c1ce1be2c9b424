# Two installations in one project.

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
    condition     = alltrue([for one in local.made : startswith(one.name, "crm-two-")])
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

run "behind_an_edge" {
  command = plan

  variables {
    edge             = true
    domains          = ["crm.example.com"]
    simulated_vendor = true
    vendor_url       = ""
  }

  assert {
    condition = alltrue([
      for function, one in local.made :
      one.service.ingress_settings == (function == "vendor" ? "ALLOW_ALL" : contains(output.public_functions, function) ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY")
    ])
    error_message = "A function can be called around the edge."
  }
  assert {
    condition = (
      length(google_compute_backend_service.function) == 4
      && toset([for route in local.routes : route.function]) == toset(keys(google_compute_backend_service.function))
      && length(google_compute_url_map.edge["this"].path_matcher[0].path_rule) == length(local.routes)
    )
    error_message = "The edge does not lead to every function that the app calls."
  }
  assert {
    condition = alltrue([
      for rule in values(google_compute_security_policy_rule.edge) :
      rule.action == "throttle" && rule.rate_limit_options[0].exceed_action == "deny(429)" && rule.rate_limit_options[0].enforce_on_key == "IP"
    ]) && length(google_compute_security_policy_rule.edge) == 1
    error_message = "One address may call as often as it likes."
  }
  assert {
    condition = alltrue([
      jsonencode(output.origins) == jsonencode(["https://crm.example.com"]),
      output.receipts_url == "https://crm.example.com/api/v1/receipts",
      local.environments["vendor"].CRM_WEBHOOK_URL == output.receipts_url,
      jsonencode(output.open_functions) == jsonencode(["vendor"]),
    ])
    error_message = "Somebody is led to an address that the edge has closed."
  }
  assert {
    condition = alltrue([
      for function, one in local.made :
      one.service.environment_variables.CRM_TRUSTED_HOPS == "2" if one.service.ingress_settings == "ALLOW_INTERNAL_AND_GCLB"
    ])
    error_message = "Rate limits count callers by the address of the load balancer."
  }
  assert {
    condition = alltrue([
      for function, one in local.made :
      one.service.environment_variables.CRM_TRUSTED_HOPS == "1" if one.service.ingress_settings != "ALLOW_INTERNAL_AND_GCLB"
    ])
    error_message = "Callers of a function before which there is no load balancer choose the address that they are counted by."
  }
}

# What tests/infra holds against Google's limits: the longest names that the variables let through, and the shortest.
run "the_longest_names_and_a_budget_by_default" {
  command = plan

  variables {
    project         = "a-project-that-is-as-long-as-1"
    name            = "fourteen-chars"
    site_id         = "a-site-id-that-is-as-long-as-1"
    alert_emails    = [for n in range(16) : "ops${n}@example.com"]
    billing_account = "012345-6789AB-CDEF01"
    gemini          = true
  }

  assert {
    condition     = length(module.monitoring.budgets) == 1
    error_message = "Nobody is told when a month costs more than expected."
  }
}

run "the_shortest_names_and_a_budget_that_is_not_wanted" {
  command = plan

  variables {
    name            = "c"
    billing_account = "012345-6789AB-CDEF01"
    budget          = false
  }

  assert {
    condition     = length(module.monitoring.budgets) == 0
    error_message = "There is a budget although it was declined."
  }
}
