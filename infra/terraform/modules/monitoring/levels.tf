# Service levels: which part of the calls goes well, of how many it should, and an alert when the rest is used up too fast.

locals {
  # A call is good that ends without 5xx within so many seconds, by Cloud Run's own log of calls.
  measured = { for name, level in {
    ingest  = { function = "ingest", path = "/api/v1/ingest/(customers|orders)", seconds = 2, goal = 0.995 }
    preview = { function = "campaigns", path = "/api/v1/audience/preview", seconds = 4, goal = 0.99 }
    links   = { function = "receipts", path = "/api/v1/unsubscribe", seconds = 2, goal = 0.999 }
    } : name => merge(level, {
      calls = "${local.requests} resource.type=\"cloud_run_revision\" resource.labels.service_name=\"${local.service[level.function]}\" httpRequest.requestUrl=~\"${level.path}\""
    }) if var.service_levels
  }
  # Five minutes are good in which no chunk has waited for ten.
  sending = var.service_levels ? { send = 0.99 } : {}

  levels = merge(google_monitoring_slo.measured, google_monitoring_slo.send)

  # In an hour 2 % of what four weeks allow, or 5 % in six hours.
  burning = {
    "A service level is missed fast"   = { severity = "CRITICAL", seconds = 3600, rate = 14.4 }
    "A service level is missed slowly" = { severity = "WARNING", seconds = 21600, rate = 6 }
  }
}

resource "google_monitoring_custom_service" "this" {
  for_each = toset(concat(keys(local.measured), keys(local.sending)))

  project      = var.project
  service_id   = "${var.name}-${each.key}"
  display_name = "${var.name}: ${each.key}"
}

resource "google_monitoring_slo" "measured" {
  for_each   = local.measured
  depends_on = [terraform_data.metrics_known]

  project             = var.project
  service             = google_monitoring_custom_service.this[each.key].service_id
  slo_id              = "${var.name}-${each.key}"
  display_name        = "${each.value.goal * 100} of 100 calls are answered within ${each.value.seconds} seconds"
  goal                = each.value.goal
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      good_service_filter  = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["${each.key}-good"].name}\" resource.type=\"cloud_run_revision\""
      total_service_filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["${each.key}-calls"].name}\" resource.type=\"cloud_run_revision\""
    }
  }
}

resource "google_monitoring_slo" "send" {
  for_each = local.sending

  project             = var.project
  service             = google_monitoring_custom_service.this[each.key].service_id
  slo_id              = "${var.name}-${each.key}"
  display_name        = "In ${each.value * 100} of 100 times no chunk has waited for ten minutes"
  goal                = each.value
  rolling_period_days = 28

  windows_based_sli {
    window_period = "300s"

    metric_mean_in_range {
      time_series = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\" resource.labels.subscription_id=\"${var.chunks}\""

      range {
        min = 0
        max = 600
      }
    }
  }
}

resource "google_monitoring_alert_policy" "level" {
  for_each = var.service_levels ? local.burning : {}

  project               = var.project
  display_name          = "${var.name}: ${each.key}"
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = local.channels

  documentation {
    content = "What it means and what to do: \"${each.key}\" in docs/operations.md."
  }

  alert_strategy {
    auto_close = "1800s"
  }

  dynamic "conditions" {
    for_each = local.levels

    content {
      display_name = "${each.key}: ${conditions.key}"

      condition_threshold {
        filter          = "select_slo_burn_rate(\"${conditions.value.name}\", \"${each.value.seconds}s\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }
}
