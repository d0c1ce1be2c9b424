module "monitoring" {
  source = "./modules/monitoring"

  project         = var.project
  project_number  = data.google_project.this.number
  name            = var.name
  functions       = keys(local.functions)
  answering       = { ingest = 2000, receipts = 2000, campaigns = 4000, summarize = 30000 }
  subscriptions   = [for push in module.push : push.subscription.name]
  undeliverable   = google_pubsub_subscription.undeliverable.name
  chunks          = module.push["chunks"].subscription.name
  hosts           = [for origin in distinct(concat([local.origins[0]], [for domain in var.domains : "https://${domain}"])) : trimprefix(origin, "https://")]
  service_levels  = var.service_levels
  emails          = var.alert_emails
  webhooks        = var.alert_webhooks
  topics          = var.alert_topics
  billing_account = var.budget ? var.billing_account : ""
  monthly_budget  = var.monthly_budget

  depends_on = [google_project_service.this]
}
