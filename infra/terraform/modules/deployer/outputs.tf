output "provider" {
  description = "What a workflow signs in with: `workload_identity_provider` of google-github-actions/auth."
  value       = google_iam_workload_identity_pool_provider.github.name
}

output "account" {
  description = "Its `service_account`."
  value       = "${google_service_account.this.account_id}@${var.project}.iam.gserviceaccount.com"
}

output "subject" {
  description = "The only workflow that gets in."
  value       = local.subject
}

output "condition" {
  description = "What Google asks of a token before it looks at the subject."
  value       = google_iam_workload_identity_pool_provider.github.attribute_condition
}

output "grants" {
  description = "What it may grant in the project."
  value       = google_project_iam_member.grants.condition[0].expression
}
