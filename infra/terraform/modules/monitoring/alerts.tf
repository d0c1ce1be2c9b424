# Each alert has a section of the same name in docs/operations.md that says what to do.

locals {
  runs   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"${var.name}-(${join("|", sort(keys(var.answering)))})\")"
  prompt = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"${join("|", sort(setsubtract(var.subscriptions, [var.chunks])))}\")"
  subs   = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"${join("|", sort(var.subscriptions))}\")"

  logged = { for key in keys(local.metrics) : key => "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this[key].name}\"" }

  counted = { align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [], window = 300, lasting = 0 }

  # Name → how grave it is, and conditions: what is looked at, summed how, over which time, and above which threshold to
  # notify. `below` and `absent` look for what should be there, and only once it has been there.
  alerts = {
    "Dead letters" = {
      severity = "ERROR"
      conditions = {
        refused = merge(local.counted, { filter = "${local.logged["records-refused"]} AND resource.type=\"cloud_run_revision\"", above = 0 })
        given_up = merge(local.counted, {
          filter = "${local.subs} AND metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\""
          above  = 0, by = ["resource.label.subscription_id"]
        })
        undeliverable = merge(local.counted, {
          filter = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${var.undeliverable}\" AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\""
          above  = 0, align = "ALIGN_MAX", reduce = "REDUCE_MAX"
        })
      }
    }
    "A campaign needs a person" = {
      severity   = "ERROR"
      conditions = { logged = merge(local.counted, { filter = "${local.logged["campaign-needs-person"]} AND resource.type=\"cloud_run_revision\"", above = 0 }) }
    }
    "Unhandled errors" = {
      severity = "ERROR"
      conditions = {
        logged = merge(local.counted, { filter = "${local.logged["unhandled-errors"]} AND resource.type=\"cloud_run_revision\"", above = 0, by = ["resource.label.service_name"] })
      }
    }
    "Other errors" = {
      severity = "ERROR"
      conditions = {
        logged = merge(local.counted, { filter = "${local.logged["other-errors"]} AND resource.type=\"cloud_run_revision\"", above = 0, by = ["resource.label.service_name"] })
      }
    }
    "Instances die" = {
      severity = "ERROR"
      conditions = {
        memory  = merge(local.counted, { filter = "${local.logged["out-of-memory"]} AND resource.type=\"cloud_run_revision\"", above = 0, by = ["resource.label.service_name"] })
        crashes = merge(local.counted, { filter = "${local.logged["crashes"]} AND resource.type=\"cloud_run_revision\"", above = 2, by = ["resource.label.service_name"] })
      }
    }
    "Sign-ins are refused" = {
      severity   = "WARNING"
      conditions = { logged = merge(local.counted, { filter = "${local.logged["sign-ins-refused"]} AND resource.type=\"cloud_run_revision\"", above = 20 }) }
    }
    # One line a minute for each caller, reason and instance: these are refused time and again, or several are.
    "Callers are refused" = {
      severity   = "WARNING"
      conditions = { logged = merge(local.counted, { filter = "${local.logged["callers-refused"]} AND resource.type=\"cloud_run_revision\"", above = 3 }) }
    }
    # A metric of the log is either silent or zero where nothing is logged. An incident lasts until a tick succeeds.
    "The tick is silent" = {
      severity = "CRITICAL"
      close    = 604800
      conditions = {
        absent = merge(local.counted, { filter = "${local.logged["tick-succeeded"]} AND resource.type=\"cloud_run_revision\"", absent = 300, window = 60 })
        zero   = merge(local.counted, { filter = "${local.logged["tick-succeeded"]} AND resource.type=\"cloud_run_revision\"", below = 1 })
      }
    }
    "The stored audience is damaged" = {
      severity   = "CRITICAL"
      conditions = { logged = merge(local.counted, { filter = "${local.logged["audience-damaged"]} AND resource.type=\"cloud_run_revision\"", above = 0 }) }
    }
    # Looked at once an hour, so that an incident lasts until there is a backup.
    "No new backup" = {
      severity   = "ERROR"
      conditions = { logged = merge(local.counted, { filter = "${local.logged["backup-missing"]} AND resource.type=\"cloud_run_revision\"", above = 0, window = 7200 }) }
    }
    # A rate limit leaves nothing in a subscription: the tick publishes only the chunks that are due. But a vendor may
    # take an hour for what it was given.
    "Messages wait" = {
      severity = "WARNING"
      conditions = {
        age = {
          filter = "${local.prompt} AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
          above  = 600, window = 60, lasting = 300, align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = ["resource.label.subscription_id"]
        }
        vendor = {
          filter = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${var.chunks}\" AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
          above  = 3600, window = 60, lasting = 300, align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = []
        }
      }
    }
    "The app does not answer" = {
      severity = "CRITICAL"
      conditions = {
        uptime = {
          filter = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=monitoring.regex.full_match(\"${join("|", sort(values(google_monitoring_uptime_check_config.app)[*].uptime_check_id))}\")"
          above  = 1, window = 1800, lasting = 0, align = "ALIGN_NEXT_OLDER", reduce = "REDUCE_COUNT_FALSE", by = ["metric.label.check_id"]
        }
      }
    }
    "Calls are slow" = {
      severity = "WARNING"
      conditions = {
        for function, milliseconds in var.answering : function => {
          filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${local.service[function]}\" AND metric.type=\"run.googleapis.com/request_latencies\""
          above  = milliseconds, window = 300, lasting = 600, align = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", by = []
        }
      }
    }
  }
}

resource "google_monitoring_alert_policy" "this" {
  for_each   = local.alerts
  depends_on = [terraform_data.metrics_known]

  project               = var.project
  display_name          = "${var.name}: ${each.key}"
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = local.channels

  documentation {
    content = "What it means and what to do: \"${each.key}\" in docs/operations.md."
  }

  # What is counted ends with the trouble. An incident that stayed open for want of figures would hide the next one.
  alert_strategy {
    auto_close = "${try(each.value.close, 1800)}s"
  }

  dynamic "conditions" {
    for_each = each.value.conditions

    content {
      display_name = "${each.key}: ${conditions.key}"

      dynamic "condition_threshold" {
        for_each = can(conditions.value.absent) ? [] : [conditions.value]

        content {
          filter          = condition_threshold.value.filter
          comparison      = try(condition_threshold.value.below, null) == null ? "COMPARISON_GT" : "COMPARISON_LT"
          threshold_value = try(condition_threshold.value.below, condition_threshold.value.above)
          duration        = "${condition_threshold.value.lasting}s"

          aggregations {
            alignment_period     = "${condition_threshold.value.window}s"
            per_series_aligner   = condition_threshold.value.align
            cross_series_reducer = condition_threshold.value.reduce
            group_by_fields      = condition_threshold.value.by
          }
        }
      }
      dynamic "condition_absent" {
        for_each = try([conditions.value.absent], [])

        content {
          filter   = conditions.value.filter
          duration = "${condition_absent.value}s"

          aggregations {
            alignment_period     = "${conditions.value.window}s"
            per_series_aligner   = conditions.value.align
            cross_series_reducer = conditions.value.reduce
          }
        }
      }
    }
  }
}

# Of the calls that somebody waits for; pushes answer 503 by design when they shall come again.
resource "google_monitoring_alert_policy" "failing" {
  project               = var.project
  display_name          = "${var.name}: Calls fail"
  severity              = "ERROR"
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
