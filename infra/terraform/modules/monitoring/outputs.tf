output "dashboard" {
  description = "Id of the dashboard."
  value       = google_monitoring_dashboard.this.id
}

output "alerts" {
  description = "Names of the alerts, as docs/operations.md knows them."
  value       = concat(keys(local.alerts), ["Calls fail"], keys(google_monitoring_alert_policy.level))
}

output "budgets" {
  description = "Names of the budgets: one or none."
  value       = google_billing_budget.this[*].display_name
}

output "hosts" {
  description = "Hosts that are asked from outside whether they answer."
  value       = keys(google_monitoring_uptime_check_config.app)
}
