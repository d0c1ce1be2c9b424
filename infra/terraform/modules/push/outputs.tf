output "subscription" {
  description = "The subscription as it is set."
  value       = google_pubsub_subscription.this
}
