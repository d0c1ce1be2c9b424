"""From this repository into an operator's Google Cloud project: packages, Terraform, Hosting, checks."""
