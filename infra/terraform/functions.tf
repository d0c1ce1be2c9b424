locals {
  # What crm/topology.py and crm/config.py say, once more for the cloud; tests/infra holds the two together.
  all_functions = {
    ingest    = { timeout = 60, public = true, rights = "read", cpu = "1", memory = "512Mi", concurrency = 80, min = 0, max = 20 }
    consumer  = { timeout = 50, public = false, rights = "write", cpu = "1", memory = "512Mi", concurrency = 40, min = 0, max = 20 }
    campaigns = { timeout = 60, public = true, rights = "delete", cpu = "1", memory = "2Gi", concurrency = 40, min = 0, max = 10 }
    deliver   = { timeout = 110, public = false, rights = "delete", cpu = "1", memory = "2Gi", concurrency = 10, min = 0, max = 20 }
    receipts  = { timeout = 50, public = true, rights = "delete", cpu = "1", memory = "512Mi", concurrency = 80, min = 0, max = 20 }
    summarize = { timeout = 60, public = true, rights = "write", cpu = "1", memory = "512Mi", concurrency = 20, min = 0, max = 5 }
    vendor    = { timeout = 50, public = true, rights = "write", cpu = "1", memory = "512Mi", concurrency = 80, min = 0, max = 10 }
  }
  functions = { for function, one in local.all_functions : function => one if function != "vendor" || var.simulated_vendor }

  publishes = {
    ingest    = ["records"]
    consumer  = []
    campaigns = ["records", "partitions", "chunks"]
    deliver   = ["partitions", "chunks"]
    receipts  = ["receipts"]
    summarize = []
    vendor    = ["vendor-callbacks"]
  }

  # The URL that Cloud Run gives a service, known before there is one.
  urls = {
    for function in keys(local.functions) :
    function => "https://${var.name}-${function}-${data.google_project.this.number}.${var.region}.run.app"
  }
  receipts_url = "${var.edge ? local.public_url : local.urls["receipts"]}/api/v1/receipts"
  vendor_url   = var.simulated_vendor ? local.urls["vendor"] : var.vendor_url

  common = merge(
    {
      CRM_PROJECT      = var.project
      CRM_DATABASE     = local.database
      CRM_TOPIC_PREFIX = local.prefix
      CRM_VERSION      = var.release.version
    },
    length(var.retention_days) == 0 ? {} : {
      CRM_RETENTION = join(",", [for name, days in var.retention_days : "${name}=${days}"])
    },
  )
  # As deploy/version.py has it: labels know fewer characters.
  release_labels = {
    version = substr(replace(lower(var.release.version), "/[^a-z0-9_-]/", "-"), 0, 63)
    commit  = var.release.commit
  }
  # Where no balancer of ours has written, the caller has: see crm/entry/sources.py.
  hops = { for function in keys(local.functions) : function => contains(local.behind_edge, function) ? "2" : "1" }
  pushed = {
    for function, url in local.urls :
    function => { CRM_PUSH_AUDIENCE = url, CRM_PUSH_ACCOUNT = local.push_account }
  }
  environments = {
    ingest   = {}
    consumer = local.pushed["consumer"]
    campaigns = {
      CRM_CLIENT_ID      = var.oauth_client_id
      CRM_ERASURE_LEDGER = "gs://${google_storage_bucket.erasures.name}"
      CRM_HOSTED_DOMAIN  = var.hosted_domain
      CRM_ORIGINS        = join(",", local.origins)
      CRM_TIME_ZONE      = var.time_zone
      CRM_VENDOR_URL     = local.vendor_url
    }
    deliver = merge(local.pushed["deliver"], {
      CRM_PUBLIC_URL     = local.public_url
      CRM_VENDOR_URL     = local.vendor_url
      CRM_VENDOR_TIMEOUT = "20"
      CRM_LEASE          = "120"
      CRM_TIME_ZONE      = var.time_zone
      # One is made each day, at a time that Google chooses, and takes a while.
      CRM_BACKUP_WITHIN_HOURS = "30"
    })
    receipts = local.pushed["receipts"]
    summarize = {
      CRM_GEMINI_MODEL = var.gemini_model
      CRM_ORIGINS      = join(",", local.origins)
      CRM_TIME_ZONE    = var.time_zone
    }
    vendor = var.simulated_vendor ? merge(local.pushed["vendor"], {
      CRM_WEBHOOK_URL = local.receipts_url
    }) : {}
  }
  # What `settings` may not change: what is set above, and what would let in others than Google knows.
  fixed = [
    "CRM_BACKUP_WITHIN_HOURS", "CRM_CERTS_URL", "CRM_CLIENT_ID", "CRM_DATABASE", "CRM_ERASURE_LEDGER", "CRM_GEMINI_MODEL", "CRM_HOSTED_DOMAIN", "CRM_IDENTITY_URL",
    "CRM_ISSUERS", "CRM_LEASE", "CRM_ORIGINS", "CRM_PROJECT", "CRM_PUBLIC_URL", "CRM_PUSH_ACCOUNT", "CRM_PUSH_AUDIENCE",
    "CRM_PUSH_TOKEN_IN_QUERY", "CRM_RETENTION", "CRM_SECURE_COOKIES", "CRM_TIME_ZONE", "CRM_TOPIC_PREFIX", "CRM_TRUSTED_HOPS",
    "CRM_VENDOR_TIMEOUT",
    "CRM_VENDOR_URL", "CRM_VERSION", "CRM_WEBHOOK_URL",
  ]
}

resource "google_service_account" "build" {
  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "Builds the functions of ${var.name}"

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "build_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.functions.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

# The platform copies a package into a bucket of its own, gcf-v2-sources-…, and builds from there.
resource "google_project_iam_member" "build_sources" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title      = "Only packages of functions"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-\") || resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.packages.name}/\")"
  }
}

# Google takes a minute to believe in new rights, and a build that begins before has none.
resource "terraform_data" "build_rights" {
  input = google_service_account.build.name
  triggers_replace = [
    google_artifact_registry_repository_iam_member.build.id,
    google_project_iam_member.build_logs.id,
    google_project_iam_member.build_sources.id,
  ]

  provisioner "local-exec" {
    command = "sleep 60"
  }
}

resource "google_artifact_registry_repository" "functions" {
  project       = var.project
  location      = var.region
  repository_id = "${var.name}-functions"
  description   = "Images of the functions"
  format        = "DOCKER"
  kms_key_name  = one(local.kms_keys)

  cleanup_policies {
    id     = "keep-latest"
    action = "KEEP"
    most_recent_versions { keep_count = 5 }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition { older_than = "30d" }
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.this]
}

resource "google_storage_bucket" "packages" {
  project                     = var.project
  name                        = "${var.project}-${var.name}-packages"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  versioning { enabled = true }

  dynamic "encryption" {
    for_each = local.kms_keys

    content {
      default_kms_key_name = encryption.value
    }
  }

  lifecycle_rule {
    condition { days_since_noncurrent_time = 30 }
    action { type = "Delete" }
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.this]
}

# Each function as modules/function takes it.
locals {
  function_inputs = {
    for function, one in local.functions : function => {
      project       = var.project
      region        = var.region
      name          = "${var.name}-${function}"
      entry_point   = function
      runtime       = var.runtime
      updates       = var.runtime_updates
      kms_key       = one(local.kms_keys)
      source_bucket = google_storage_bucket.packages.name
      package       = var.packages[function]
      repository    = google_artifact_registry_repository.functions.id
      build_account = terraform_data.build_rights.output
      labels        = local.release_labels

      cpu         = coalesce(try(var.scale[function].cpu, null), one.cpu)
      memory      = coalesce(try(var.scale[function].memory, null), one.memory)
      concurrency = coalesce(try(var.scale[function].concurrency, null), one.concurrency)
      min         = coalesce(try(var.scale[function].min, null), one.min)
      max         = coalesce(try(var.scale[function].max, null), one.max)
      timeout     = one.timeout

      public       = one.public
      iam_disabled = var.invoker_iam_disabled
      network      = contains(local.calling_out, function) ? local.network : null

      closed   = contains(local.behind_edge, function)
      invokers = { push = "serviceAccount:${local.push_account}" }

      environment   = merge(local.common, { CRM_TRUSTED_HOPS = local.hops[function] }, local.environments[function], lookup(var.settings, function, {}))
      secrets       = local.secrets_of[function]
      database      = google_firestore_database.this.name
      database_role = "projects/${var.project}/roles/${google_project_iam_custom_role.database[one.rights].role_id}"
      topics        = { for topic in local.publishes[function] : topic => google_pubsub_topic.this[topic].name }
    }
  }
  reading = toset([for push in local.all_pushes : push.function])
  # By name, as they are made.
  made = merge(module.function, module.publisher)
}

# Those that read topics.
module "function" {
  source   = "./modules/function"
  for_each = { for function, one in local.function_inputs : function => one if contains(local.reading, function) }

  project       = each.value.project
  region        = each.value.region
  name          = each.value.name
  entry_point   = each.value.entry_point
  runtime       = each.value.runtime
  updates       = each.value.updates
  kms_key       = each.value.kms_key
  source_bucket = each.value.source_bucket
  package       = each.value.package
  repository    = each.value.repository
  build_account = each.value.build_account
  labels        = each.value.labels

  cpu         = each.value.cpu
  memory      = each.value.memory
  concurrency = each.value.concurrency
  min         = each.value.min
  max         = each.value.max
  timeout     = each.value.timeout

  public       = each.value.public
  iam_disabled = each.value.iam_disabled
  network      = each.value.network

  closed   = each.value.closed
  invokers = each.value.invokers

  environment   = each.value.environment
  secrets       = each.value.secrets
  database      = each.value.database
  database_role = each.value.database_role
  topics        = each.value.topics

  depends_on = [google_service_account.push]
}

# Those that read none. They are updated last: consumers know what a new version sends before it does.
module "publisher" {
  source   = "./modules/function"
  for_each = { for function, one in local.function_inputs : function => one if !contains(local.reading, function) }

  project       = each.value.project
  region        = each.value.region
  name          = each.value.name
  entry_point   = each.value.entry_point
  runtime       = each.value.runtime
  updates       = each.value.updates
  kms_key       = each.value.kms_key
  source_bucket = each.value.source_bucket
  package       = each.value.package
  repository    = each.value.repository
  build_account = each.value.build_account
  labels        = each.value.labels

  cpu         = each.value.cpu
  memory      = each.value.memory
  concurrency = each.value.concurrency
  min         = each.value.min
  max         = each.value.max
  timeout     = each.value.timeout

  public       = each.value.public
  iam_disabled = each.value.iam_disabled
  network      = each.value.network

  closed   = each.value.closed
  invokers = each.value.invokers

  environment   = each.value.environment
  secrets       = each.value.secrets
  database      = each.value.database
  database_role = each.value.database_role
  topics        = each.value.topics

  depends_on = [google_service_account.push, module.function]
}

moved {
  from = module.function["ingest"]
  to   = module.publisher["ingest"]
}

moved {
  from = module.function["campaigns"]
  to   = module.publisher["campaigns"]
}

moved {
  from = module.function["summarize"]
  to   = module.publisher["summarize"]
}
