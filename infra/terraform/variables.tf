variable "project" {
  description = "Id of the Google Cloud project. It exists, and is linked to a billing account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "region" {
  description = "Region of functions, topics and the scheduler, one that Firebase Hosting can forward to. For example europe-west1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like europe-west1."
  }
}

variable "name" {
  description = "What the names of all resources begin with. Two installations in one project have two names."
  type        = string
  default     = "crm"

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,12}[a-z0-9])?$", var.name))
    error_message = "The name has up to 14 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "firestore_location" {
  description = "Location of the database, a region or a multi-region such as eur3. It can never be changed. Empty: the region."
  type        = string
  default     = ""

  validation {
    condition     = var.firestore_location == "" || can(regex("^([a-z]+-[a-z]+[0-9]+|[a-z]+[0-9]+)$", var.firestore_location))
    error_message = "A location looks like europe-west1 or eur3."
  }
}

variable "database" {
  description = "Id of the Firestore database. Empty: <name>-data. Another one after a restore."
  type        = string
  default     = ""

  validation {
    condition     = var.database == "" || var.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database))
    error_message = "A database id is (default), or 4 to 63 lower-case letters, digits and hyphens that begin with a letter."
  }
}

variable "protected" {
  description = "Whether the database refuses to be deleted. `make destroy` sets it to false, after asking twice."
  type        = bool
  default     = true
}

variable "backup_days" {
  description = "Days for which each daily backup is kept."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 98 && floor(var.backup_days) == var.backup_days
    error_message = "Backups are kept for 1 to 98 whole days."
  }
}

variable "erasure_ledger_days" {
  description = "Days for which it is kept who was erased, outside the database. A month more than backups, at least."
  type        = number
  default     = 400

  validation {
    condition     = var.erasure_ledger_days >= var.backup_days + 30 && floor(var.erasure_ledger_days) == var.erasure_ledger_days
    error_message = "Who was erased must be known for 30 whole days longer than backups are kept."
  }
}

variable "retention_days" {
  description = "Days for which documents are kept, where the table in docs/data.md does not suit. For example { audit_log = 800 }."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.retention_days) : contains(keys(local.retention), name)])
    error_message = "A key of retention_days is a period of the table in docs/data.md."
  }
  validation {
    condition = alltrue([
      for name, days in var.retention_days :
      floor(days) == days && days >= try(local.retention[name].least, 0) && days <= try(local.retention[name].most, days)
    ])
    error_message = "A period is of whole days, within what the table in docs/data.md allows."
  }
}

variable "enable_firebase" {
  description = "Whether to add Firebase, whose Hosting serves the web app, to the project. False where it has it already."
  type        = bool
  default     = true
}

variable "site_id" {
  description = "Id of the Hosting site: the app is at https://<site_id>.web.app. Unique in the world. Empty: <project>-<name>."
  type        = string
  default     = ""

  validation {
    condition     = var.site_id == "" || can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.site_id))
    error_message = "A site id has lower-case letters, digits and hyphens."
  }
  validation {
    condition     = length(var.site_id == "" ? "${var.project}-${var.name}" : var.site_id) <= 30
    error_message = "A site id has at most 30 characters, and <project>-<name> is longer: set site_id."
  }
}

variable "domains" {
  description = "Domains of your own under which the web app is reached, without https://. Connect them in the Firebase console."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for domain in var.domains : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", domain))])
    error_message = "A domain looks like crm.example.com."
  }
}

variable "edge" {
  description = "Whether a load balancer with Cloud Armor stands before everything, and functions are closed to all else. Needs domains."
  type        = bool
  default     = false

  validation {
    condition     = !var.edge || length(var.domains) > 0
    error_message = "The edge has the certificates of your own domains: name them in domains."
  }
}

variable "edge_calls_per_minute" {
  description = "Calls that one address may make in a minute, pages included. A shop that posts from one address counts, too."
  type        = number
  default     = 3000

  validation {
    condition     = var.edge_calls_per_minute >= 60 && var.edge_calls_per_minute <= 1000000 && floor(var.edge_calls_per_minute) == var.edge_calls_per_minute
    error_message = "An address may make 60 to 1000000 calls in a minute."
  }
}

variable "audit_logs" {
  description = "Whether reads of documents and secrets by anybody but the functions are logged. False for a second installation in the project."
  type        = bool
  default     = true
}

variable "oauth_client_id" {
  description = "OAuth client of type web application, whose ID tokens sign people in. docs/operations.md says how to make one."
  type        = string

  validation {
    condition     = endswith(var.oauth_client_id, ".apps.googleusercontent.com")
    error_message = "An OAuth client id ends with .apps.googleusercontent.com."
  }
}

variable "hosted_domain" {
  description = "Google Workspace domain to which sign-in is limited. Empty: any account that is a member."
  type        = string
  default     = ""

  validation {
    condition     = var.hosted_domain == "" || can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.hosted_domain))
    error_message = "A domain looks like example.com."
  }
}

variable "time_zone" {
  description = "Time zone of days, birthdays and schedules, such as Europe/Berlin."
  type        = string
  default     = "Etc/UTC"

  validation {
    condition     = can(regex("^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$", var.time_zone))
    error_message = "A time zone has a name like Europe/Berlin or UTC."
  }
}

variable "simulated_vendor" {
  description = "Whether to deploy the simulated vendor, which delivers nothing and reports on it. False: set vendor_url."
  type        = bool
  default     = true
}

variable "vendor_url" {
  description = "Base URL of the vendor's API, without /v1. Only without the simulated vendor."
  type        = string
  default     = ""

  validation {
    condition     = var.simulated_vendor ? var.vendor_url == "" : startswith(var.vendor_url, "https://")
    error_message = "Either simulated_vendor is true, or vendor_url begins with https://."
  }
}

variable "gemini" {
  description = "Whether Gemini writes summaries, segments and drafts. It needs a key in the secret gemini-key."
  type        = bool
  default     = false
}

variable "gemini_model" {
  description = "The model that is asked."
  type        = string
  default     = "gemini-3.8-flash"
}

variable "settings" {
  description = "More settings: function → variable → value, see crm/config.py. For example { deliver = { CRM_STALL_MINUTES = \"60\" } }."
  type        = map(map(string))
  default     = {}

  validation {
    condition     = alltrue([for function in keys(var.settings) : contains(keys(local.functions), function)])
    error_message = "A key of settings is the name of a function that is deployed."
  }
  validation {
    condition = alltrue(flatten([
      for values in values(var.settings) : [for name in keys(values) : can(regex("^CRM_[A-Z0-9_]+$", name))]
    ]))
    error_message = "The name of a setting begins with CRM_."
  }
  validation {
    condition = !anytrue(flatten([
      for values in values(var.settings) : [for name in keys(values) : can(regex("(KEY|KEYS|SECRET|SECRETS|PASSWORD|TOKEN)$", name))]
    ]))
    error_message = "A secret does not belong here, where everybody can read it: use extra_secrets."
  }
  validation {
    condition = alltrue(flatten([
      for values in values(var.settings) : [for name in keys(values) : !contains(local.fixed, name)]
    ]))
    error_message = "Time limits, addresses and whose tokens count are not settings: other variables set them, or nothing does."
  }
}

variable "extra_secrets" {
  description = "More secrets: name → the variable it is read from, and the functions that read it."
  type        = map(object({ variable = string, functions = set(string) }))
  default     = {}

  validation {
    condition = alltrue([
      for name, secret in var.extra_secrets : can(regex("^[a-z][a-z0-9-]+$", name)) && can(regex("^CRM_[A-Z0-9_]+$", secret.variable))
    ])
    error_message = "A secret is named in lower-case letters, digits and hyphens; its variable begins with CRM_."
  }
  validation {
    condition     = alltrue(flatten([for secret in values(var.extra_secrets) : [for function in secret.functions : contains(keys(local.functions), function)]]))
    error_message = "The functions of a secret are functions that are deployed."
  }
  validation {
    condition = alltrue([
      for name, secret in var.extra_secrets : !contains(keys(local.known_secrets), name) && !contains([for uses in values(local.known_secrets) : uses[0].variable], secret.variable)
    ])
    error_message = "A secret of this name, or for this variable, is there already."
  }
}

variable "secret_versions" {
  description = "Secret → the number of the version in use. `make deploy` finds the newest. A secret that is not named is at 1."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "A version is a number: which one is in use must not change by itself."
  }
}

variable "packages" {
  description = "Function → the zip that `make package` made of it, and its SHA-256."
  type        = map(object({ path = string, sha256 = string }))

  validation {
    condition     = length(setsubtract(keys(local.functions), keys(var.packages))) == 0
    error_message = "A package for every function is needed: run `make package`."
  }
  validation {
    condition     = alltrue([for package in values(var.packages) : can(regex("^[0-9a-f]{64}$", package.sha256))])
    error_message = "A SHA-256 has 64 hexadecimal digits."
  }
}

variable "release" {
  description = "Version of the packages, by `git describe`, and its commit. `make package` writes it."
  type        = object({ version = string, commit = string })
  default     = { version = "unknown", commit = "unknown" }

  validation {
    condition     = can(regex("^[A-Za-z0-9._+/-]+$", var.release.version)) && can(regex("^[a-z0-9]+$", var.release.commit))
    error_message = "A version has letters, digits and . _ + / -, a commit lower-case letters and digits."
  }
}

variable "runtime" {
  description = "Python of the functions. The tests run on 3.11."
  type        = string
  default     = "python311"

  validation {
    condition     = can(regex("^python31[1-4]$", var.runtime))
    error_message = "The runtime is python311 to python314."
  }
}

variable "runtime_updates" {
  description = "When Google may mend the base image: \"automatic\", without a deployment, or \"on_deploy\", never between two."
  type        = string
  default     = "automatic"

  validation {
    condition     = contains(["automatic", "on_deploy"], var.runtime_updates)
    error_message = "The runtime is updated \"automatic\" or \"on_deploy\"."
  }
}

variable "invoker_iam_disabled" {
  description = "Whether public functions are opened by switching off Cloud Run's check, where an organization forbids allUsers."
  type        = bool
  default     = false
}

variable "labels" {
  description = "Labels of every resource that takes some, for the bill for example."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "A label has lower-case letters, digits, hyphens and underscores, and its key begins with a letter."
  }
}

variable "secret_locations" {
  description = "Regions in which secrets are kept, where not all are allowed. Empty: Google chooses. It can never be changed."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for location in var.secret_locations : can(regex("^[a-z]+-[a-z]+[0-9]+$", location))])
    error_message = "A location of secrets is a region, like europe-west1."
  }
}

variable "kms_key" {
  description = "Key of your own for all that is stored, in the region, as projects/…/cryptoKeys/…. Empty: Google's. Set it at first or never."
  type        = string
  default     = ""

  validation {
    condition     = var.kms_key == "" || can(regex("^projects/[^/]+/locations/${var.region}/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "A key is named projects/…/locations/…/keyRings/…/cryptoKeys/…, and is in the region."
  }
  validation {
    condition     = var.kms_key == "" || (contains(["", var.region], var.firestore_location) && length(setsubtract(var.secret_locations, [var.region])) == 0)
    error_message = "With a key of your own the database and secrets are in its region, too."
  }
}

variable "static_egress" {
  description = "Whether calls to the vendor come from one address that never changes. It costs a NAT gateway."
  type        = bool
  default     = false
}

variable "deployer_repository" {
  description = "GitHub repository, as owner/name, whose workflows may deploy, without a key. Empty: none."
  type        = string
  default     = ""

  validation {
    condition     = var.deployer_repository == "" || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.deployer_repository))
    error_message = "A repository looks like owner/name."
  }
}

variable "deployer_environment" {
  description = "GitHub environment in which such a workflow runs; its rules say who approves. One for each installation."
  type        = string
  default     = "production"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+$", var.deployer_environment))
    error_message = "An environment has letters, digits, hyphens and underscores."
  }
}

variable "scale" {
  description = "Function → what it may take, where the defaults in functions.tf do not suit."
  type = map(object({
    cpu         = optional(string)
    memory      = optional(string)
    concurrency = optional(number)
    min         = optional(number)
    max         = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for function in keys(var.scale) : contains(keys(local.functions), function)])
    error_message = "A key of scale is the name of a function that is deployed."
  }
}

variable "alert_emails" {
  description = "Addresses to notify when something needs a person."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "An e-mail address looks like ops@example.com."
  }
  validation {
    condition     = length(var.alert_emails) + length(var.alert_webhooks) + length(var.alert_topics) <= 16
    error_message = "An alert notifies 16 addresses, webhooks and topics at most: use a mailing list."
  }
}

variable "alert_webhooks" {
  description = "URLs that Google posts alerts to. A token in one would stand in the state: use a topic for such a system."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.alert_webhooks : can(regex("^https://[^/?#]+(/[^?#]*)?$", url))])
    error_message = "A webhook looks like https://alerts.example.com/crm, without a query."
  }
}

variable "alert_topics" {
  description = "Pub/Sub topics that alerts are published to, as projects/my-project/topics/alerts. They exist."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for topic in var.alert_topics : can(regex("^projects/[^/]+/topics/[^/]+$", topic))])
    error_message = "A topic looks like projects/my-project/topics/alerts."
  }
}

variable "service_levels" {
  description = "Whether service levels are measured, with alerts on how fast what they leave is used up. Needs some calls a minute."
  type        = bool
  default     = false
}

variable "billing_account" {
  description = "Billing account for the budget, like 012345-6789AB-CDEF01. `make deploy` finds the project's. Empty: no budget."
  type        = string
  default     = ""

  validation {
    condition     = var.billing_account == "" || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A billing account looks like 012345-6789AB-CDEF01."
  }
}

variable "budget" {
  description = "Whether a budget warns when a month costs more than expected."
  type        = bool
  default     = true
}

variable "monthly_budget" {
  description = "Budget of a month, in whole units of the billing account's currency. It warns; it stops nothing."
  type        = number
  default     = 50

  validation {
    condition     = var.monthly_budget > 0 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "The budget is a whole number above 0."
  }
}
