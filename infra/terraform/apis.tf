locals {
  apis = toset(concat(var.edge || var.static_egress ? ["compute"] : [], var.kms_key == "" ? [] : ["cloudkms"], var.deployer_repository == "" ? [] : ["sts"], [
    "artifactregistry",
    "billingbudgets",
    "cloudbuild",
    "cloudfunctions",
    "cloudresourcemanager",
    "cloudscheduler",
    "firebase",
    "firebasehosting",
    "firebaserules",
    "firestore",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "pubsub",
    "run",
    "secretmanager",
    "storage",
  ]))
}

resource "google_project_service" "this" {
  for_each = local.apis

  project = var.project
  service = "${each.key}.googleapis.com"

  # Another installation, or something else in the project, may need it still.
  disable_on_destroy = false
}

# Read before anything is made, so that every URL stands in the plan; `make deploy` has enabled what it takes.
data "google_project" "this" {
  project_id = var.project
}

resource "google_project_service_identity" "pubsub" {
  provider = google-beta

  project = var.project
  service = "pubsub.googleapis.com"

  depends_on = [google_project_service.this]
}
