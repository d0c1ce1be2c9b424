# What is counted in the logs, whom to tell, and the budget. Alerts are in alerts.tf, the picture in dashboard.tf.

locals {
  service = { for function in var.functions : function => "${var.name}-${function}" }
  logs_of = { for function, service in local.service : function => "resource.type=\"cloud_run_revision\" resource.labels.service_name=\"${service}\"" }

  # tests/infra holds these against the sentences that the code logs.
  metrics = {
    campaign-needs-person = {
      description = "Campaigns that stand still, missed their time, paused themselves, or whose figures were off"
      filter      = "${local.logs_of["deliver"]} severity=\"ERROR\" jsonPayload.message=~\"^(campaign stalled|campaign missed its time|campaign paused by its circuit breaker|the counters of a campaign were off)\""
    }
    records-refused = {
      description = "Records that were kept as dead letters"
      filter      = "${local.logs_of["consumer"]} jsonPayload.message=~\"^kept [0-9]+ records as dead letters\""
    }
    unhandled-errors = {
      description = "Errors that no handler expected"
      filter      = "resource.type=\"cloud_run_revision\" resource.labels.service_name=~\"^${var.name}-(${join("|", sort(var.functions))})$\" severity=\"ERROR\" jsonPayload.message=~\"^unhandled error on\""
    }
    sign-ins-refused = {
      description = "Sign-ins that were refused"
      filter      = "${local.logs_of["campaigns"]} jsonPayload.message=~\"^sign-in refused\""
    }
    tick-failed = {
      description = "Ticks that were not answered with success"
      filter      = "resource.type=\"cloud_scheduler_job\" resource.labels.job_id=\"${var.tick_job}\" severity=\"ERROR\""
    }
    audience-damaged = {
      description = "Parts of the stored audience that could not be read and were rebuilt"
      filter      = "resource.type=\"cloud_run_revision\" resource.labels.service_name=~\"^${var.name}-(campaigns|deliver)$\" severity=\"ERROR\" jsonPayload.message=~\"^audience \""
    }
  }
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

resource "google_monitoring_uptime_check_config" "app" {
  project          = var.project
  display_name     = "${var.name}: the app answers"
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
    labels = { project_id = var.project, host = var.host }
  }
}

locals {
  channels = [for email in sort(var.emails) : google_monitoring_notification_channel.email[email].id]
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
      monitoring_notification_channels = slice(local.channels, 0, min(5, length(local.channels)))
    }
  }
}
