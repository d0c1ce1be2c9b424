# A function: its code, its own service account with what it may do, and who may call it.

resource "google_service_account" "this" {
  project      = var.project
  account_id   = var.name
  display_name = "The function ${var.name}"
}

resource "google_project_iam_member" "database" {
  project = var.project
  role    = var.database_role
  member  = google_service_account.this.member

  condition {
    title      = "Only the database ${var.database}"
    expression = "resource.name == \"projects/${var.project}/databases/${var.database}\" || resource.name.startsWith(\"projects/${var.project}/databases/${var.database}/\")"
  }
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.topics

  project = var.project
  topic   = each.value
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this.member
}

# So that it can tell whether its topics are there: crm/platform/probes.py.
resource "google_pubsub_topic_iam_member" "viewer" {
  for_each = var.topics

  project = var.project
  topic   = each.value
  role    = "roles/pubsub.viewer"
  member  = google_service_account.this.member
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = var.secrets

  project   = var.project
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this.member
}

resource "google_storage_bucket_object" "package" {
  bucket = var.source_bucket
  name   = "${var.name}-${var.package.sha256}.zip"
  source = var.package.path
}

resource "google_cloudfunctions2_function" "this" {
  project  = var.project
  location = var.region
  name     = var.name
  labels   = var.labels

  kms_key_name = var.kms_key

  build_config {
    runtime           = var.runtime
    entry_point       = var.entry_point
    docker_repository = var.repository
    service_account   = var.build_account

    dynamic "automatic_update_policy" {
      for_each = var.updates == "automatic" ? [1] : []

      content {}
    }
    dynamic "on_deploy_update_policy" {
      for_each = var.updates == "automatic" ? [] : [1]

      content {}
    }

    source {
      storage_source {
        bucket = var.source_bucket
        object = google_storage_bucket_object.package.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.this.email
    available_cpu                    = var.cpu
    available_memory                 = var.memory
    max_instance_request_concurrency = var.concurrency
    min_instance_count               = var.min
    max_instance_count               = var.max
    timeout_seconds                  = var.timeout
    ingress_settings                 = !var.public ? "ALLOW_INTERNAL_ONLY" : var.closed ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL"
    all_traffic_on_latest_revision   = true
    environment_variables            = var.environment
    direct_vpc_egress                = var.network == null ? null : "VPC_EGRESS_ALL_TRAFFIC"

    dynamic "direct_vpc_network_interface" {
      for_each = var.network == null ? [] : [var.network]

      content {
        network    = direct_vpc_network_interface.value.network
        subnetwork = direct_vpc_network_interface.value.subnetwork
      }
    }

    dynamic "secret_environment_variables" {
      for_each = var.secrets

      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  depends_on = [
    google_project_iam_member.database,
    google_pubsub_topic_iam_member.publisher,
    google_pubsub_topic_iam_member.viewer,
    google_secret_manager_secret_iam_member.reader,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = !var.public ? var.invokers : var.iam_disabled ? {} : { everybody = "allUsers" }

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.this.name
  role     = "roles/run.invoker"
  member   = each.value

  # A function that is made again has a service without bindings, under the same name.
  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.this.id]
  }
}
