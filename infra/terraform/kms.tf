# With `kms_key`: everything that is stored is encrypted with a key of one's own.

locals {
  kms_keys = var.kms_key == "" ? [] : [var.kms_key]

  # Services that encrypt for us, and the accounts that Google gives them in this project.
  encrypting = var.kms_key == "" ? {} : {
    artifactregistry = "gcp-sa-artifactregistry"
    cloudfunctions   = "gcf-admin-robot"
    firestore        = "gcp-sa-firestore"
    pubsub           = "gcp-sa-pubsub"
    run              = "serverless-robot-prod"
    secretmanager    = "gcp-sa-secretmanager"
    storage          = "gs-project-accounts"
  }
}

resource "google_project_service_identity" "encrypting" {
  provider = google-beta
  for_each = setsubtract(keys(local.encrypting), ["pubsub"])

  project = var.project
  service = "${each.key}.googleapis.com"

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key_iam_member" "this" {
  for_each = local.encrypting

  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${data.google_project.this.number}@${each.value}.iam.gserviceaccount.com"

  depends_on = [google_project_service_identity.encrypting, google_project_service_identity.pubsub]
}
