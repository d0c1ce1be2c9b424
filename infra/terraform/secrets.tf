locals {
  # Secret → the variable that it is read from, and who reads it. `make deploy` makes what it can make by itself.
  own_secrets = {
    id-key           = [{ variable = "CRM_ID_KEY", functions = ["campaigns", "consumer", "deliver", "receipts"] }]
    session-secrets  = [{ variable = "CRM_SESSION_SECRETS", functions = ["campaigns", "summarize"] }]
    unsubscribe-keys = [{ variable = "CRM_UNSUBSCRIBE_KEYS", functions = ["deliver", "receipts"] }]
    webhook-key      = [{ variable = "CRM_WEBHOOK_KEY", functions = ["campaigns", "receipts"] }]
    webhook-secrets  = [{ variable = "CRM_WEBHOOK_SECRETS", functions = ["receipts"] }]
  }
  # The key that is made up for the simulated vendor is another secret than a real vendor's: no real vendor ever gets it.
  simulated_secrets = {
    simulated-vendor-key = [{ variable = "CRM_VENDOR_KEY", functions = ["campaigns", "deliver", "vendor"] }]
    webhook-secret       = [{ variable = "CRM_WEBHOOK_SECRET", functions = ["vendor"] }]
  }
  vendor_secrets = { vendor-key = [{ variable = "CRM_VENDOR_KEY", functions = ["campaigns", "deliver"] }] }
  gemini_secrets = { gemini-key = [{ variable = "CRM_GEMINI_KEY", functions = ["summarize"] }] }
  known_secrets  = merge(local.own_secrets, local.simulated_secrets, local.vendor_secrets, local.gemini_secrets)
  secrets = merge(
    local.own_secrets,
    var.simulated_vendor ? local.simulated_secrets : {},
    var.simulated_vendor ? {} : local.vendor_secrets,
    var.gemini ? local.gemini_secrets : {},
    { for name, secret in var.extra_secrets : name => [{ variable = secret.variable, functions = tolist(secret.functions) }] },
  )

  # A key of a region encrypts secrets of that region alone.
  secret_locations = var.kms_key == "" ? sort(var.secret_locations) : [var.region]

  secrets_of = {
    for function in keys(local.functions) : function => merge([
      for name, uses in local.secrets : {
        for use in uses : use.variable => {
          secret  = google_secret_manager_secret.this[name].secret_id
          version = lookup(var.secret_versions, name, "1")
        } if contains(use.functions, function)
      }
    ]...)
  }
}

# Only the places: their contents never pass through Terraform, whose state would show them.
resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  project   = var.project
  secret_id = "${var.name}-${each.key}"

  replication {
    dynamic "auto" {
      for_each = length(local.secret_locations) == 0 ? [1] : []

      content {}
    }
    dynamic "user_managed" {
      for_each = length(local.secret_locations) == 0 ? [] : [1]

      content {
        dynamic "replicas" {
          for_each = local.secret_locations

          content {
            location = replicas.value

            dynamic "customer_managed_encryption" {
              for_each = local.kms_keys

              content {
                kms_key_name = customer_managed_encryption.value
              }
            }
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.this]
}
