module "monitoring" {
  source = "./modules/monitoring"

  project         = var.project
  project_number  = data.google_project.this.number
  name            = var.name
  functions       = keys(local.functions)
  answering       = { ingest = 2000, receipts = 2000, campaigns = 4000, summarize = 30000 }
  subscriptions   = [for push in module.push : push.subscription.name]
  undeliverable   = google_pubsub_subscription.undeliverable.name
  tick_job        = google_cloud_scheduler_job.tick.name
  host            = trimprefix(local.origins[0], "https://")
  emails          = var.alert_emails
  billing_account = var.budget ? var.billing_account : ""
  monthly_budget  = var.monthly_budget

  depends_on = [google_project_service.this]
}
