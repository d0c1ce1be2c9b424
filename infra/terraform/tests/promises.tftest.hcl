# What would hurt if it were otherwise, with nothing but defaults. tests/infra runs it for each environment, too:
#   terraform test -var-file=environments/large.tfvars

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
  release = { version = "v1.2.0-3-g0123456789ab-dirty", commit = "0123456789abcdef0123456789abcdef01234567" }
}

run "planned" {
  command = plan

  # Who may call

  assert {
    condition     = toset(output.public_functions) == setsubtract(["ingest", "campaigns", "receipts", "summarize", "vendor"], var.simulated_vendor ? [] : ["vendor"])
    error_message = "Another function is public than those meant."
  }
  assert {
    condition = alltrue([
      for function, one in local.made : contains(one.invokers, "allUsers") == contains(output.public_functions, function)
    ])
    error_message = "Everybody may call a function that is not public, or nobody one that is."
  }
  assert {
    condition = alltrue([
      for function, one in local.made : contains(output.public_functions, function) || one.service.ingress_settings == "ALLOW_INTERNAL_ONLY"
    ])
    error_message = "A function that only Pub/Sub and the scheduler call is reachable from outside."
  }
  assert {
    condition     = google_storage_bucket.packages.public_access_prevention == "enforced" && google_storage_bucket.packages.uniform_bucket_level_access
    error_message = "The packages could be made public."
  }

  # Which version runs

  assert {
    condition = alltrue([
      for function, one in local.made :
      one.service.environment_variables["CRM_VERSION"] == "v1.2.0-3-g0123456789ab-dirty"
      && one.labels == tomap({ version = "v1-2-0-3-g0123456789ab-dirty", commit = "0123456789abcdef0123456789abcdef01234567" })
    ])
    error_message = "A function does not say which version it runs."
  }

  # Pushes

  assert {
    condition     = length(module.push) == length(local.all_pushes) - (var.simulated_vendor ? 0 : 1)
    error_message = "A push is missing."
  }
  assert {
    condition = alltrue([
      for topic, push in module.push :
      push.subscription.push_config[0].oidc_token[0].audience == local.urls[local.pushes[topic].function]
      && push.subscription.push_config[0].oidc_token[0].service_account_email == local.push_account
      && push.subscription.push_config[0].push_endpoint == "${local.urls[local.pushes[topic].function]}/events/${topic}"
    ])
    error_message = "A push goes without an identity token for the function that it calls."
  }
  assert {
    condition     = alltrue([for push in module.push : length(push.subscription.dead_letter_policy) == 1 && length(push.subscription.retry_policy) == 1])
    error_message = "A push has no dead letters, or no retry policy."
  }
  assert {
    condition = alltrue([
      for push in module.push :
      push.subscription.dead_letter_policy[0].max_delivery_attempts >= 5 && push.subscription.dead_letter_policy[0].max_delivery_attempts <= 100
    ])
    error_message = "Pub/Sub takes 5 to 100 attempts."
  }
  assert {
    condition     = alltrue([for push in module.push : push.subscription.expiration_policy[0].ttl == ""]) && google_pubsub_subscription.undeliverable.expiration_policy[0].ttl == ""
    error_message = "A subscription expires."
  }
  assert {
    condition     = google_cloud_scheduler_job.tick.http_target[0].oidc_token[0].audience == local.urls["deliver"]
    error_message = "The tick goes without an identity token."
  }

  # Time limits: vendor < function < acknowledgement deadline <= lease

  assert {
    condition     = tonumber(local.environments["deliver"].CRM_VENDOR_TIMEOUT) < local.made["deliver"].service.timeout_seconds
    error_message = "The vendor may take longer than the function that waits for it."
  }
  assert {
    condition = alltrue([
      for topic, push in module.push :
      local.made[local.pushes[topic].function].service.timeout_seconds < push.subscription.ack_deadline_seconds
    ])
    error_message = "A message comes again while it is still being handled."
  }
  assert {
    condition     = alltrue([for push in module.push : push.subscription.ack_deadline_seconds <= tonumber(local.environments["deliver"].CRM_LEASE)])
    error_message = "A lease ends before the message that holds it comes again."
  }
  assert {
    condition     = tonumber(trimsuffix(google_cloud_scheduler_job.tick.attempt_deadline, "s")) >= local.made["deliver"].service.timeout_seconds
    error_message = "The scheduler gives the tick up before the platform does."
  }

  # The edge

  assert {
    condition     = length(google_compute_global_forwarding_rule.edge) == 0 && length(google_compute_global_address.edge) == 0 && toset(output.open_functions) == toset(output.public_functions)
    error_message = "A load balancer is paid for that nobody asked for."
  }

  # Settings

  assert {
    condition = alltrue(flatten([
      for variables in concat([local.common], values(local.environments)) : [for name in keys(variables) : contains(local.fixed, name)]
    ]))
    error_message = "A setting could change what is set here."
  }

  # Secrets

  assert {
    condition = alltrue(flatten([
      for one in local.made : [
        for name in keys(one.service.environment_variables) : !can(regex("(KEY|SECRET|SECRETS|PASSWORD|TOKEN)$", name))
      ]
    ]))
    error_message = "A secret stands in plain among the variables of a function."
  }
  assert {
    condition = alltrue(flatten([
      for one in local.made : [for secret in one.service.secret_environment_variables : can(regex("^[1-9][0-9]*$", secret.version))]
    ]))
    error_message = "A secret is read without saying which version."
  }
  assert {
    condition = alltrue([
      for one in local.made : toset(one.secrets) == toset([for secret in one.service.secret_environment_variables : secret.secret])
    ])
    error_message = "A function may read another secret than it needs, or less."
  }
  assert {
    condition = jsonencode({
      for name, secret in google_secret_manager_secret.this :
      name => sort([for function, one in local.made : function if contains(one.secrets, secret.secret_id)])
      }) == jsonencode(merge(
      {
        session-secrets  = ["campaigns", "summarize"]
        unsubscribe-keys = ["deliver", "receipts"]
        id-key           = ["campaigns", "consumer", "deliver", "receipts"]
        webhook-key      = ["campaigns", "receipts"]
        webhook-secrets  = ["receipts"]
      },
      var.simulated_vendor ? { simulated-vendor-key = ["campaigns", "deliver", "vendor"], webhook-secret = ["vendor"] } : {},
      var.simulated_vendor ? {} : { vendor-key = ["campaigns", "deliver"] },
      var.gemini ? { gemini-key = ["summarize"] } : {},
    ))
    error_message = "A secret is read by others than those that need it."
  }

  # Roles

  assert {
    condition     = length(distinct([for one in local.made : one.account])) == length(local.made)
    error_message = "Two functions share an account."
  }
  assert {
    condition = alltrue([
      for function, one in local.made : endswith(one.database_role, "_database_${
        contains(["ingest"], function) ? "read" : contains(["campaigns", "deliver", "receipts"], function) ? "delete" : "write"
      }")
    ])
    error_message = "A function may do more in the database than it must."
  }
  assert {
    condition = alltrue([
      for right, role in google_project_iam_custom_role.database :
      contains(role.permissions, "datastore.entities.delete") == (right == "delete")
      && contains(role.permissions, "datastore.entities.update") == (right != "read")
      && alltrue([for permission in role.permissions : startswith(permission, "datastore.entities.") || permission == "datastore.databases.get"])
    ])
    error_message = "A role gives more rights to documents than its name says, or rights to the database itself."
  }
  assert {
    condition = (
      toset(google_project_iam_custom_role.backups.permissions) == toset(["datastore.backups.list", "datastore.databases.getMetadata"])
      && google_project_iam_member.backups.member == module.function["deliver"].member
    )
    error_message = "The tick may not see backups, or may do more with them."
  }
  assert {
    condition     = alltrue([for function, one in local.made : toset(one.publishes) == toset(local.publishes[function])])
    error_message = "A function may publish to another topic than it must."
  }

  # The database

  assert {
    condition = (
      length(regexall("allow [^:]*: *if", google_firebaserules_ruleset.database.source[0].files[0].content)) == 1
      && strcontains(google_firebaserules_ruleset.database.source[0].files[0].content, "match /{document=**} {\n      allow read, write: if false;")
    )
    error_message = "The rules let a client read or write a document."
  }
  assert {
    condition     = google_firebaserules_release.database.name == "cloud.firestore/${google_firestore_database.this.name}"
    error_message = "The rules are those of another database."
  }
  assert {
    condition = (
      toset([for log in google_project_iam_audit_config.this["datastore.googleapis.com"].audit_log_config : log.log_type]) == toset(["DATA_READ", "DATA_WRITE"])
      && [for log in google_project_iam_audit_config.this["secretmanager.googleapis.com"].audit_log_config : log.log_type] == ["DATA_READ"]
    )
    error_message = "A person reads or changes documents, or reads a secret, and no log says so."
  }
  assert {
    condition = alltrue(flatten([
      for service, config in google_project_iam_audit_config.this : [
        for log in config.audit_log_config : coalesce(log.exempted_members, []) == toset(service == "datastore.googleapis.com" ? [for one in local.made : one.member] : [])
      ]
    ]))
    error_message = "Others than the functions are exempt from the audit logs, or each document that a function reads is logged."
  }
  assert {
    condition     = can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", google_firestore_database.this.name))
    error_message = "Firestore takes no such id: it has 4 to 63 characters."
  }
  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED" && google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "The database can be deleted, or cannot go back in time."
  }
  assert {
    condition     = google_firestore_backup_schedule.daily.retention == "${var.backup_days * 86400}s"
    error_message = "Backups are not kept as long as was asked for."
  }

  # The ledger of erasures

  assert {
    condition     = google_storage_bucket.erasures.public_access_prevention == "enforced" && google_storage_bucket.erasures.uniform_bucket_level_access
    error_message = "The ledger of erasures could be made public."
  }
  assert {
    condition = (
      alltrue([for rule in google_storage_bucket.erasures.lifecycle_rule : alltrue([for when in rule.condition : when.age >= var.backup_days + 30])])
      && google_storage_bucket.erasures.force_destroy == false
    )
    error_message = "A backup outlives the ledger that says who must be erased from it again."
  }
  assert {
    condition     = jsonencode({ for function, right in google_storage_bucket_iam_member.erasures : function => right.role }) == jsonencode({ campaigns = "roles/storage.objectCreator" })
    error_message = "A function may do more with the ledger of erasures than add to it, or may not add."
  }
}
