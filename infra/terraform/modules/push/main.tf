# The subscription that pushes what comes to a topic to its function, until it is given up as a dead letter.

resource "google_pubsub_subscription" "this" {
  project = var.project
  name    = var.name
  topic   = var.topic

  ack_deadline_seconds       = var.ack_deadline
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = var.endpoint

    oidc_token {
      service_account_email = var.account
      audience              = var.audience
    }
  }

  retry_policy {
    minimum_backoff = "${var.retry_min}s"
    maximum_backoff = "${var.retry_max}s"
  }

  dead_letter_policy {
    dead_letter_topic     = var.dead_letter_topic
    max_delivery_attempts = var.max_attempts
  }

  # A subscription that nobody used for a month would be gone.
  expiration_policy {
    ttl = ""
  }
}

# The broker itself moves dead letters: it takes them from here, and may publish to their topic (pushes.tf).
resource "google_pubsub_subscription_iam_member" "broker" {
  project      = var.project
  subscription = google_pubsub_subscription.this.name
  role         = "roles/pubsub.subscriber"
  member       = var.broker
}
