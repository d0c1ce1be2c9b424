output "dashboard" {
  description = "Id of the dashboard."
  value       = google_monitoring_dashboard.this.id
}

output "alerts" {
  description = "Names of the alerts, as docs/operations.md knows them."
  value       = concat(keys(local.alerts), ["Calls fail"])
}

output "budgets" {
  description = "Names of the budgets: one or none."
  value       = google_billing_budget.this[*].display_name
}
