# What is off by default, switched on.

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

run "nothing" {
  command = plan

  assert {
    condition     = length(google_compute_router_nat.egress) == 0 && length(google_kms_crypto_key_iam_member.this) == 0 && length(module.deployer) == 0
    error_message = "Something is made that nobody asked for."
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : length(secret.replication[0].auto) == 1 && length(secret.replication[0].user_managed) == 0])
    error_message = "Secrets are kept in other places than Google chooses."
  }
}

run "places_and_keys_of_ones_own" {
  command = plan

  variables {
    kms_key = "projects/my-keys/locations/europe-west1/keyRings/crm/cryptoKeys/data"
  }

  assert {
    condition = alltrue(concat(
      [try(google_firestore_database.this.cmek_config[0].kms_key_name, "") == var.kms_key],
      [google_artifact_registry_repository.functions.kms_key_name == var.kms_key],
      [google_storage_bucket.packages.encryption[0].default_kms_key_name == var.kms_key],
      [google_pubsub_topic.undeliverable.kms_key_name == var.kms_key],
      [for topic in google_pubsub_topic.this : topic.kms_key_name == var.kms_key],
      [for secret in google_secret_manager_secret.this : secret.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == var.kms_key],
      [for one in local.made : one.kms_key == var.kms_key],
    ))
    error_message = "Something is stored under another key."
  }
  assert {
    condition     = length(google_kms_crypto_key_iam_member.this) == 7
    error_message = "A service that encrypts may not use the key."
  }
}

# Of these none touches another, so one plan has them all: a run takes seconds.
run "all_that_go_together" {
  command = plan

  variables {
    invoker_iam_disabled = true
    secret_locations     = ["europe-west1", "europe-west4"]
    static_egress        = true
    runtime_updates      = "on_deploy"
    deployer_repository  = "example/crm"
  }

  assert {
    condition     = alltrue([for one in local.made : !contains(one.invokers, "allUsers")])
    error_message = "An organization that shares with its own domain alone refuses this."
  }
  assert {
    condition     = alltrue([for function, one in local.made : contains(output.public_functions, function) || length(one.invokers) == 1])
    error_message = "Pub/Sub and the scheduler may no longer call their functions."
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : toset([for replica in secret.replication[0].user_managed[0].replicas : replica.location]) == var.secret_locations])
    error_message = "Secrets are kept in other places than those that are allowed."
  }
  assert {
    condition     = alltrue([for function in ["campaigns", "deliver"] : local.made[function].service.direct_vpc_egress == "VPC_EGRESS_ALL_TRAFFIC"])
    error_message = "The vendor is called from an address that changes."
  }
  assert {
    condition     = alltrue([for one in local.made : one.updates == "on_deploy"])
    error_message = "The base image changes without a deployment."
  }
  assert {
    condition     = module.deployer[0].condition == "assertion.sub == 'repo:example/crm:environment:production'"
    error_message = "Another repository, or another environment of this one, may deploy."
  }
  assert {
    condition     = !strcontains(module.deployer[0].grants, "admin") && !strcontains(module.deployer[0].grants, "owner") && length(regexall("'(roles|projects)/", module.deployer[0].grants)) == 5
    error_message = "Whoever deploys may make more of themselves."
  }
}
