# Each alert has a section of the same name in docs/operations.md that says what to do.

locals {
  runs = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"${var.name}-(${join("|", sort(keys(var.answering)))})\")"
  subs = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"${join("|", sort(var.subscriptions))}\")"

  logged = { for key in keys(local.metrics) : key => "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this[key].name}\"" }

  # Name → conditions: what is looked at, summed how, over which time, and above which threshold to notify.
  alerts = {
    "Dead letters" = {
      refused = { filter = "${local.logged["records-refused"]} AND resource.type=\"cloud_run_revision\"", above = 0, window = 300, lasting = 0, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] }
      given_up = {
        filter = "${local.subs} AND metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\""
        above  = 0, window = 300, lasting = 0, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = ["resource.label.subscription_id"]
      }
      undeliverable = {
        filter = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${var.undeliverable}\" AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\""
        above  = 0, window = 300, lasting = 0, align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = []
      }
    }
    "A campaign needs a person" = {
      logged = { filter = "${local.logged["campaign-needs-person"]} AND resource.type=\"cloud_run_revision\"", above = 0, window = 300, lasting = 0, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] }
    }
    "Unhandled errors" = {
      logged = { filter = "${local.logged["unhandled-errors"]} AND resource.type=\"cloud_run_revision\"", above = 5, window = 300, lasting = 0, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = ["resource.label.service_name"] }
    }
    "Sign-ins are refused" = {
      logged = { filter = "${local.logged["sign-ins-refused"]} AND resource.type=\"cloud_run_revision\"", above = 20, window = 300, lasting = 0, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] }
    }
    "The tick fails" = {
      logged = { filter = "${local.logged["tick-failed"]} AND resource.type=\"cloud_scheduler_job\"", above = 4, window = 300, lasting = 0, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] }
    }
    "The stored audience is damaged" = {
      logged = { filter = "${local.logged["audience-damaged"]} AND resource.type=\"cloud_run_revision\"", above = 0, window = 300, lasting = 0, align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] }
    }
    "Messages wait" = {
      age = {
        filter = "${local.subs} AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
        above  = 600, window = 60, lasting = 300, align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = ["resource.label.subscription_id"]
      }
    }
    "The app does not answer" = {
      uptime = {
        filter = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.app.uptime_check_id}\""
        above  = 1, window = 1800, lasting = 0, align = "ALIGN_NEXT_OLDER", reduce = "REDUCE_COUNT_FALSE", by = []
      }
    }
    "Calls are slow" = {
      for function, milliseconds in var.answering : function => {
        filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${local.service[function]}\" AND metric.type=\"run.googleapis.com/request_latencies\""
        above  = milliseconds, window = 300, lasting = 600, align = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", by = []
      }
    }
  }
}

resource "google_monitoring_alert_policy" "this" {
  for_each   = local.alerts
  depends_on = [terraform_data.metrics_known]

  project               = var.project
  display_name          = "${var.name}: ${each.key}"
  combiner              = "OR"
  notification_channels = local.channels

  documentation {
    content = "What it means and what to do: \"${each.key}\" in docs/operations.md."
  }

  # What is counted ends with the trouble. An incident that stayed open for want of figures would hide the next one.
  alert_strategy {
    auto_close = "1800s"
  }

  dynamic "conditions" {
    for_each = each.value

    content {
      display_name = "${each.key}: ${conditions.key}"

      condition_threshold {
        filter          = conditions.value.filter
        comparison      = "COMPARISON_GT"
        threshold_value = conditions.value.above
        duration        = "${conditions.value.lasting}s"

        aggregations {
          alignment_period     = "${conditions.value.window}s"
          per_series_aligner   = conditions.value.align
          cross_series_reducer = conditions.value.reduce
          group_by_fields      = conditions.value.by
        }
      }
    }
  }
}

# Of the calls that somebody waits for; pushes answer 503 by design when they shall come again.
resource "google_monitoring_alert_policy" "failing" {
  project               = var.project
  display_name          = "${var.name}: Calls fail"
  combiner              = "OR"
  notification_channels = local.channels

  documentation {
    content = "What it means and what to do: \"Calls fail\" in docs/operations.md."
  }

  alert_strategy {
    auto_close = "1800s"
  }

  conditions {
    display_name = "More than 5 of 100 calls end with 5xx"

    condition_threshold {
      filter             = "${local.runs} AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\""
      denominator_filter = "${local.runs} AND metric.type=\"run.googleapis.com/request_count\""
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.05
      duration           = "300s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
      denominator_aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
    }
  }
}
