# With `deployer_repository`: its workflows deploy without a key. A person deploys first, and each time that this changes.

module "deployer" {
  source = "./modules/deployer"
  count  = var.deployer_repository == "" ? 0 : 1

  project     = var.project
  name        = var.name
  repository  = var.deployer_repository
  environment = var.deployer_environment

  # What it may grant in the project, and nothing else: least of all more to itself.
  granted = concat(
    ["roles/logging.logWriter", "roles/storage.objectViewer"],
    [for right in keys(local.rights) : "projects/${var.project}/roles/${replace(var.name, "-", "_")}_database_${right}"],
  )

  depends_on = [google_project_service.this]
}
