output "url" {
  description = "Where people open the app."
  value       = local.public_url
}

output "origins" {
  description = "Every origin of the app; the OAuth client must list them."
  value       = local.origins
}

output "ingest_url" {
  description = "Where systems post customers and orders."
  value       = "${local.origins[0]}/api/v1/ingest"
}

output "receipts_url" {
  description = "Where a vendor posts its receipts."
  value       = local.receipts_url
}

output "function_urls" {
  description = "The functions' own URLs."
  value       = local.urls
}

output "public_functions" {
  description = "Functions that anybody may call."
  value       = [for function, one in local.functions : function if one.public]
}

output "open_functions" {
  description = "Functions that are reached at their own URL: with `edge` only the simulated vendor."
  value       = [for function, one in local.functions : function if one.public && !contains(local.behind_edge, function)]
}

output "edge_address" {
  description = "With `edge`: the address that every domain must lead to, by an A record."
  value       = var.edge ? google_compute_global_address.edge["this"].address : ""
}

output "database" {
  description = "Id of the database: CRM_DATABASE of `crm` commands."
  value       = google_firestore_database.this.name
}

output "topic_prefix" {
  description = "CRM_TOPIC_PREFIX of `crm` commands."
  value       = local.prefix
}

output "erasure_ledger" {
  description = "Where erasures are entered: CRM_ERASURE_LEDGER of `crm` commands."
  value       = "gs://${google_storage_bucket.erasures.name}"
}

output "secrets" {
  description = "Names of the secrets in Secret Manager."
  value       = { for name, secret in google_secret_manager_secret.this : name => secret.secret_id }
}

output "hosting_site" {
  description = "Id of the Hosting site."
  value       = google_firebase_hosting_site.this.site_id
}

output "hosting_config" {
  description = "Rewrites and headers that are published with the web app."
  value       = local.hosting_config
}

output "dashboard" {
  description = "Id of the dashboard."
  value       = module.monitoring.dashboard
}

output "invoker_iam_disabled" {
  description = "Whether `make deploy` switches off Cloud Run's own check of who calls, of public functions."
  value       = var.invoker_iam_disabled
}

output "egress_address" {
  description = "With `static_egress`: the address that calls to the vendor come from."
  value       = var.static_egress ? google_compute_address.egress["this"].address : ""
}

output "deployer" {
  description = "With `deployer_repository`: what its workflow signs in with."
  value       = one([for one in module.deployer : { provider = one.provider, account = one.account }])
}
