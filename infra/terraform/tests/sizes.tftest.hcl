# Instances that Cloud Run does not give are refused before anything is made.

mock_provider "google" {}

variables {
  project       = "my-project"
  region        = "europe-west1"
  name          = "crm-ingest"
  entry_point   = "ingest"
  runtime       = "python311"
  source_bucket = "packages"
  package       = { path = "build/functions/ingest.zip", sha256 = sha256("ingest") }
  repository    = "projects/my-project/locations/europe-west1/repositories/crm-functions"
  build_account = "projects/my-project/serviceAccounts/crm-build"
  cpu           = "1"
  memory        = "512Mi"
  concurrency   = 80
  min           = 0
  max           = 20
  timeout       = 60
  public        = true
  environment   = {}
  database      = "crm-data"
  database_role = "roles/datastore.viewer"
  topics        = {}
}

run "what_an_instance_may_have" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    cpu    = "4"
    memory = "16Gi"
    min    = 3
    max    = 3
  }
}

run "no_such_instance" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    cpu         = "0.5"
    concurrency = 1
    min         = -1
  }

  expect_failures = [var.cpu, var.concurrency, var.min]
}

run "memory_without_a_unit_and_no_instances" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    memory = "512"
    max    = 0
  }

  expect_failures = [var.memory, var.max]
}

run "too_much_memory_and_fewer_than_are_kept_warm" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    memory = "8Gi"
    min    = 3
    max    = 2
  }

  expect_failures = [var.memory, var.max]
}

run "too_little_memory_and_half_instances" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    cpu         = "4"
    memory      = "1Gi"
    concurrency = 2.5
    min         = 0.5
  }

  expect_failures = [var.memory, var.concurrency, var.min]
}
