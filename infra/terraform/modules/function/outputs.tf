output "name" {
  description = "Name of the function, and of its Cloud Run service."
  value       = google_cloudfunctions2_function.this.name
}

output "account" {
  description = "Name of its service account."
  value       = google_service_account.this.account_id
}

output "member" {
  description = "Its service account, as bindings name it."
  value       = "serviceAccount:${google_service_account.this.account_id}@${var.project}.iam.gserviceaccount.com"
}

output "service" {
  description = "How it runs."
  value       = google_cloudfunctions2_function.this.service_config[0]
}

output "invokers" {
  description = "Who may call it."
  value       = [for member in google_cloud_run_v2_service_iam_member.invoker : member.member]
}

output "database_role" {
  description = "What it may do in the database."
  value       = google_project_iam_member.database.role
}

output "publishes" {
  description = "Topics it may publish to, as the code names them."
  value       = keys(google_pubsub_topic_iam_member.publisher)
}

output "secrets" {
  description = "Secrets it may read."
  value       = [for secret in google_secret_manager_secret_iam_member.reader : secret.secret_id]
}

output "labels" {
  description = "Its labels."
  value       = google_cloudfunctions2_function.this.labels
}

output "kms_key" {
  description = "Key that its code is stored under."
  value       = google_cloudfunctions2_function.this.kms_key_name
}

output "updates" {
  description = "When its base image is mended."
  value       = length(google_cloudfunctions2_function.this.build_config[0].automatic_update_policy) == 1 ? "automatic" : "on_deploy"
}
