locals {
  prefix = "${var.name}-"

  # vendor < function < ack_deadline <= lease, in seconds; see crm/topology.py.
  all_pushes = {
    records          = { function = "consumer", ack_deadline = 60, retry_min = 1, retry_max = 60, max_attempts = 10 }
    partitions       = { function = "deliver", ack_deadline = 120, retry_min = 1, retry_max = 60, max_attempts = 10 }
    chunks           = { function = "deliver", ack_deadline = 120, retry_min = 1, retry_max = 60, max_attempts = 20 }
    receipts         = { function = "receipts", ack_deadline = 60, retry_min = 1, retry_max = 60, max_attempts = 10 }
    vendor-callbacks = { function = "vendor", ack_deadline = 60, retry_min = 1, retry_max = 60, max_attempts = 50 }
    dead-letters     = { function = "consumer", ack_deadline = 60, retry_min = 1, retry_max = 600, max_attempts = 100 }
  }
  pushes = { for topic, push in local.all_pushes : topic => push if contains(keys(local.functions), push.function) }

  # Written out, so that they stand in the plan.
  push_account = "${var.name}-push@${var.project}.iam.gserviceaccount.com"
  broker       = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_service_account" "push" {
  project      = var.project
  account_id   = "${var.name}-push"
  display_name = "Pushes messages and ticks to the functions of ${var.name}"

  depends_on = [google_project_service.this]
}

# The broker signs as this account when it pushes.
resource "google_service_account_iam_member" "push_tokens" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.broker

  depends_on = [google_project_service_identity.pubsub]
}

resource "google_pubsub_topic" "this" {
  for_each = local.pushes

  project = var.project
  name    = "${local.prefix}${each.key}"

  kms_key_name = one(local.kms_keys)

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.this]
}

module "push" {
  source   = "./modules/push"
  for_each = local.pushes

  project      = var.project
  name         = "${local.prefix}${each.key}"
  topic        = google_pubsub_topic.this[each.key].id
  endpoint     = "${local.urls[each.value.function]}/events/${each.key}"
  audience     = local.urls[each.value.function]
  account      = local.push_account
  ack_deadline = each.value.ack_deadline
  retry_min    = each.value.retry_min
  retry_max    = each.value.retry_max
  max_attempts = each.value.max_attempts
  broker       = local.broker

  # What the consumer itself refuses to keep has one more place to lie in.
  dead_letter_topic = each.key == "dead-letters" ? google_pubsub_topic.undeliverable.id : google_pubsub_topic.this["dead-letters"].id

  depends_on = [google_project_service_identity.pubsub, google_service_account.push]
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  project = var.project
  topic   = google_pubsub_topic.this["dead-letters"].name
  role    = "roles/pubsub.publisher"
  member  = local.broker

  depends_on = [google_project_service_identity.pubsub]
}

resource "google_pubsub_topic" "undeliverable" {
  project = var.project
  name    = "${local.prefix}undeliverable"

  kms_key_name = one(local.kms_keys)

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.this]
}

resource "google_pubsub_topic_iam_member" "undeliverable" {
  project = var.project
  topic   = google_pubsub_topic.undeliverable.name
  role    = "roles/pubsub.publisher"
  member  = local.broker

  depends_on = [google_project_service_identity.pubsub]
}

# Nobody reads it but an operator, who is alerted: docs/operations.md.
resource "google_pubsub_subscription" "undeliverable" {
  project                    = var.project
  name                       = "${local.prefix}undeliverable"
  topic                      = google_pubsub_topic.undeliverable.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

resource "google_cloud_scheduler_job" "tick" {
  project          = var.project
  region           = var.region
  name             = "${local.prefix}tick"
  description      = "Recovers leases, finishes campaigns, starts those that are due"
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "120s"

  http_target {
    http_method = "POST"
    uri         = "${local.urls["deliver"]}/events/tick"

    oidc_token {
      service_account_email = local.push_account
      audience              = local.urls["deliver"]
    }
  }

  # The next minute brings another.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_service_account.push]
}
