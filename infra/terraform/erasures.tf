# The ledger of erasures: it lies outside the database, and outlives each backup that still holds somebody erased.
# What is in it names people by keys alone. docs/operations.md says how it is used after a restore.

resource "google_storage_bucket" "erasures" {
  project                     = var.project
  name                        = "${var.project}-${var.name}-erasures"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.protected

  # What is deleted by mistake, the bucket too, can be brought back for as long as a backup could need it.
  soft_delete_policy {
    retention_duration_seconds = min(max(var.backup_days, 7), 90) * 24 * 3600
  }

  lifecycle_rule {
    condition { age = var.erasure_ledger_days }
    action { type = "Delete" }
  }

  depends_on = [google_project_service.this]
}

# It may create objects, and neither read, replace nor delete one.
resource "google_storage_bucket_iam_member" "erasures" {
  for_each = toset(["campaigns"])

  bucket = google_storage_bucket.erasures.name
  role   = "roles/storage.objectCreator"
  member = module.publisher[each.key].member
}
