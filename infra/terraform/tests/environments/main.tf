# Reads the files of variables as they are, for environments.tftest.hcl.

terraform {
  required_version = ">= 1.9"

  required_providers {
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
}

locals {
  folder = "${path.module}/../../environments"
}

output "of" {
  description = "Name of an environment → its variables."
  value = {
    for file in fileset(local.folder, "*.tfvars") :
    trimsuffix(file, ".tfvars") => provider::terraform::decode_tfvars(file("${local.folder}/${file}"))
  }
}
