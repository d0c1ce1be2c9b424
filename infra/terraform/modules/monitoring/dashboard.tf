locals {
  all_runs = "resource.type=\"cloud_run_revision\" resource.labels.service_name=monitoring.regex.full_match(\"${var.name}-(${join("|", sort(var.functions))})\")"
  all_subs = "resource.type=\"pubsub_subscription\" resource.labels.subscription_id=monitoring.regex.full_match(\"${join("|", sort(var.subscriptions))}\")"

  charts = [
    { title = "Calls a second", filter = "${local.all_runs} metric.type=\"run.googleapis.com/request_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.service_name" },
    { title = "Calls a second that end with 5xx", filter = "${local.all_runs} metric.type=\"run.googleapis.com/request_count\" metric.labels.response_code_class=\"5xx\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.service_name" },
    { title = "Milliseconds that 95 of 100 calls take", filter = "${local.all_runs} metric.type=\"run.googleapis.com/request_latencies\"", align = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", by = "resource.label.service_name" },
    { title = "Instances", filter = "${local.all_runs} metric.type=\"run.googleapis.com/container/instance_count\"", align = "ALIGN_MAX", reduce = "REDUCE_SUM", by = "resource.label.service_name" },
    { title = "Messages that wait", filter = "${local.all_subs} metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\"", align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = "resource.label.subscription_id" },
    { title = "Seconds that the oldest message waits", filter = "${local.all_subs} metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\"", align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = "resource.label.subscription_id" },
    { title = "Dead letters", filter = "${local.all_subs} metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\"", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = "resource.label.subscription_id" },
    { title = "Campaigns that need a person", filter = "resource.type=\"cloud_run_revision\" metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["campaign-needs-person"].name}\"", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = "resource.label.service_name" },
    { title = "Documents read a second", filter = "resource.type=\"firestore.googleapis.com/Database\" metric.type=\"firestore.googleapis.com/document/read_ops_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.database_id" },
    { title = "Documents written a second", filter = "resource.type=\"firestore.googleapis.com/Database\" metric.type=\"firestore.googleapis.com/document/write_ops_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.database_id" },
  ]
}

resource "google_monitoring_dashboard" "this" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 12
      tiles = [
        for place, chart in local.charts : {
          xPos   = place % 2 * 6
          yPos   = floor(place / 2) * 4
          width  = 6
          height = 4
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart.align
                      crossSeriesReducer = chart.reduce
                      groupByFields      = [chart.by]
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })
}
