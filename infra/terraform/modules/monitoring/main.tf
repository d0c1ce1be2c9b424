# What is counted in the logs, whom to tell, and the budget. Alerts are in alerts.tf, the picture in dashboard.tf.

locals {
  service  = { for function in var.functions : function => "${var.name}-${function}" }
  logs     = "resource.type=\"cloud_run_revision\" resource.labels.service_name=~\"^${var.name}-(${join("|", sort(var.functions))})$\""
  requests = "logName=\"projects/${var.project}/logs/run.googleapis.com%2Frequests\""

  # Lines of severity ERROR that have an alert of their own, by their beginnings. Each other one has "Other errors".
  errors = {
    campaign-needs-person = ["campaign stalled", "campaign missed its time", "campaign paused by its circuit breaker", "the counters of a campaign were off"]
    unhandled-errors      = ["unhandled error on"]
    audience-damaged      = ["audience ", "the audience's log is damaged"]
    backup-missing        = ["the database has had no backup for ", "whether the database has a backup is not known"]
  }
  described = {
    campaign-needs-person = "Campaigns that stand still, missed their time, paused themselves, or whose figures were off"
    unhandled-errors      = "Errors that no handler expected"
    audience-damaged      = "Parts of the stored audience that could not be read"
    backup-missing        = "Hours in which the newest backup of the database was too old, or nobody could say"
  }

  # What Cloud Run itself says of an instance.
  out_of_memory = "Memory limit of "
  crashed       = ["Container called exit[(][1-9]", "Uncaught signal", "Container terminated on signal", "Default STARTUP "]

  # tests/infra holds these against the sentences that the code logs.
  metrics = merge(
    {
      for key, beginnings in local.errors : key => {
        description = local.described[key]
        filter      = "${local.logs} severity>=ERROR jsonPayload.message=~\"^(${join("|", beginnings)})\""
      }
    },
    {
      # Calls that end with 5xx are lines, too, and have "Calls fail"; pushes answer 503 by design.
      other-errors = {
        description = "Errors that have no alert of their own"
        filter      = "${local.logs} severity>=ERROR NOT ${local.requests} NOT jsonPayload.message=~\"^(${join("|", sort(flatten(values(local.errors))))})\" NOT textPayload=~\"^(${join("|", concat([local.out_of_memory], local.crashed))})\""
      }
      out-of-memory = {
        description = "Instances that took more memory than they have"
        filter      = "${local.logs} textPayload=~\"^${local.out_of_memory}\""
      }
      crashes = {
        description = "Instances that ended by themselves or did not start"
        filter      = "${local.logs} textPayload=~\"^(${join("|", local.crashed)})\""
      }
      records-refused = {
        description = "Records, receipts and messages that were kept as dead letters"
        filter      = "${local.logs} jsonPayload.message=~\"^(kept [0-9]+ records as dead letters|kept [0-9]+ receipts as dead letters|kept a message of )\""
      }
      sign-ins-refused = {
        description = "Sign-ins that were refused"
        filter      = "${local.logs} jsonPayload.message=~\"^sign-in refused\""
      }
      callers-refused = {
        description = "Minutes in which a caller without a valid credential was refused, by caller and reason"
        filter      = "${local.logs} jsonPayload.message=~\"^caller refused\""
      }
      tick-succeeded = {
        description = "Ticks that did all that was due"
        filter      = "${local.logs} jsonPayload.message=~\"^the tick is done\""
      }
    },
    merge([
      for name, level in local.measured : {
        "${name}-calls" = { description = "Calls of which the service level ${name} is made", filter = level.calls }
        "${name}-good"  = { description = "Those that were answered well and in time", filter = "${level.calls} httpRequest.status<500 httpRequest.latency<\"${level.seconds}s\"" }
      }
    ]...),
  )
}

resource "google_logging_metric" "this" {
  for_each = local.metrics

  project     = var.project
  name        = "${var.name}/${each.key}"
  description = each.value.description
  filter      = each.value.filter

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

# No alert can be made on a metric that Monitoring does not know yet. Meanwhile the functions are built.
resource "terraform_data" "metrics_known" {
  triggers_replace = [for metric in google_logging_metric.this : metric.name]

  provisioner "local-exec" {
    command = "sleep 180"
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.emails

  project      = var.project
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
}

# A token in the URL would stand in the state: whoever needs one takes a topic, and a function of their own behind it.
resource "google_monitoring_notification_channel" "webhook" {
  for_each = var.webhooks

  project      = var.project
  display_name = "${var.name}: ${regex("^https://([^/]+)", each.key)[0]}"
  type         = "webhook_tokenauth"
  labels       = { url = each.key }
}

resource "google_monitoring_notification_channel" "topic" {
  for_each = var.topics

  project      = var.project
  display_name = "${var.name}: ${reverse(split("/", each.key))[0]}"
  type         = "pubsub"
  labels       = { topic = each.key }
}

# Google makes the account with a project's first channel of that type.
resource "google_pubsub_topic_iam_member" "notifier" {
  for_each = var.topics

  project = split("/", each.key)[1]
  topic   = split("/", each.key)[3]
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:service-${var.project_number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"

  depends_on = [google_monitoring_notification_channel.topic]
}

resource "google_monitoring_uptime_check_config" "app" {
  for_each = var.hosts

  project          = var.project
  display_name     = "${var.name}: ${each.key} answers"
  timeout          = "30s"
  period           = "900s"
  selected_regions = ["EUROPE", "USA_OREGON", "ASIA_PACIFIC"]

  http_check {
    path         = "/api/v1/session/config"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = each.key }
  }
}

locals {
  mailed   = [for email in sort(var.emails) : google_monitoring_notification_channel.email[email].id]
  channels = concat(local.mailed, values(google_monitoring_notification_channel.webhook)[*].id, values(google_monitoring_notification_channel.topic)[*].id)
}

resource "google_billing_budget" "this" {
  count = var.billing_account == "" ? 0 : 1

  billing_account = var.billing_account
  display_name    = "${var.name} in ${var.project}"

  budget_filter {
    projects = ["projects/${var.project_number}"]
  }

  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]

    content {
      threshold_percent = threshold_rules.value
    }
  }
  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }

  # A budget takes five channels at most, and no empty list. The billing administrators are notified anyway.
  dynamic "all_updates_rule" {
    for_each = length(var.emails) > 0 ? [1] : []

    content {
      monitoring_notification_channels = slice(local.mailed, 0, min(5, length(local.mailed)))
    }
  }
}
