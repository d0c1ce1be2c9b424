# What functions may do in the database, what clients may, and who is seen reading it.

locals {
  # Rights of functions, by what each method of Firestore asks for. IAM knows databases and no collections: a function
  # that may read reads every document of this database.
  read = ["datastore.databases.get", "datastore.entities.get", "datastore.entities.list"]
  rights = {
    read   = local.read
    write  = concat(local.read, ["datastore.entities.create", "datastore.entities.update"])
    delete = concat(local.read, ["datastore.entities.create", "datastore.entities.update", "datastore.entities.delete"])
  }

  # "cloud.firestore" alone is the rules' place of the database (default).
  rules_release = local.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${local.database}"

  audited = var.audit_logs ? {
    "datastore.googleapis.com"     = ["DATA_READ", "DATA_WRITE"]
    "secretmanager.googleapis.com" = ["DATA_READ"]
  } : {}
}

resource "google_project_iam_custom_role" "database" {
  for_each = local.rights

  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_database_${each.key}"
  title       = "${var.name}: ${each.key} documents"
  description = "What a function of ${var.name} may do in its database"
  permissions = each.value

  depends_on = [google_project_service.this]
}

# Backups are not part of the database: the tick asks whether there is a new one.
resource "google_project_iam_custom_role" "backups" {
  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_backups"
  title       = "${var.name}: list backups"
  description = "What ${var.name} may know of backups"
  permissions = ["datastore.backups.list", "datastore.databases.getMetadata"]

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "backups" {
  project = var.project
  role    = "projects/${var.project}/roles/${google_project_iam_custom_role.backups.role_id}"
  member  = module.function["deliver"].member
}

resource "google_firebaserules_ruleset" "database" {
  project = var.project

  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  depends_on = [google_project_service.this, google_firebase_project.this]
}

resource "google_firebaserules_release" "database" {
  project      = var.project
  name         = local.rules_release
  ruleset_name = google_firebaserules_ruleset.database.name

  depends_on = [google_firestore_database.this]
}

# Whoever reads documents or secrets besides the functions is logged. Their own reads would cost more than they do.
resource "google_project_iam_audit_config" "this" {
  for_each = local.audited

  project = var.project
  service = each.key

  dynamic "audit_log_config" {
    for_each = each.value

    content {
      log_type         = audit_log_config.value
      exempted_members = each.key == "datastore.googleapis.com" ? [for one in local.made : one.member] : []
    }
  }
}
