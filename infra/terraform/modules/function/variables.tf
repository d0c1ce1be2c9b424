variable "project" {
  description = "Id of the project."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
}

variable "name" {
  description = "Name of the function in the cloud, and of its Cloud Run service."
  type        = string
}

variable "entry_point" {
  description = "The Python function that the framework calls."
  type        = string
}

variable "runtime" {
  description = "Runtime, such as python311."
  type        = string
}

variable "updates" {
  description = "When the base image is mended: \"automatic\" or \"on_deploy\"."
  type        = string
  default     = "automatic"
}

variable "kms_key" {
  description = "Key of one's own, or null."
  type        = string
  default     = null
}

variable "source_bucket" {
  description = "Bucket that takes the zip."
  type        = string
}

variable "package" {
  description = "The zip, and its SHA-256, which names the object: other code is another object, and is deployed."
  type        = object({ path = string, sha256 = string })
}

variable "repository" {
  description = "Artifact Registry repository of the images, as projects/…/locations/…/repositories/…."
  type        = string
}

variable "build_account" {
  description = "Service account that builds, as projects/…/serviceAccounts/…."
  type        = string
}

variable "cpu" {
  description = "CPUs of an instance. More than one request at a time needs a whole one."
  type        = string

  validation {
    condition     = contains(["1", "2", "4", "6", "8"], var.cpu)
    error_message = "An instance has 1, 2, 4, 6 or 8 processors."
  }
}

variable "memory" {
  description = "Memory of an instance, such as 512Mi."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+(Mi|Gi)$", var.memory))
    error_message = "Memory looks like 512Mi or 4Gi."
  }
  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.memory)) * (endswith(var.memory, "Gi") ? 1024 : 1) >= (tonumber(var.cpu) >= 6 ? 4096 : tonumber(var.cpu) >= 4 ? 2048 : 512)
      && tonumber(regex("^[0-9]+", var.memory)) * (endswith(var.memory, "Gi") ? 1024 : 1) <= min(4096 * tonumber(var.cpu), 32768),
      true, # said above
    )
    error_message = "Cloud Run gives up to 4 GiB for each processor; 4 processors take 2 GiB at least, 6 and 8 take 4."
  }
}

variable "concurrency" {
  description = "Requests that an instance handles at a time."
  type        = number

  validation {
    condition     = var.concurrency >= 2 && var.concurrency <= 1000 && floor(var.concurrency) == var.concurrency
    error_message = "An instance takes 2 to 1000 requests at a time: with one, nothing would share a commit."
  }
}

variable "min" {
  description = "Instances that are kept warm, and cost money while idle."
  type        = number

  validation {
    condition     = var.min >= 0 && floor(var.min) == var.min
    error_message = "A whole number of instances is kept warm, or none."
  }
}

variable "max" {
  description = "Instances at most."
  type        = number

  validation {
    condition     = var.max >= max(var.min, 1) && floor(var.max) == var.max
    error_message = "There is at least one instance at most, and not fewer than are kept warm."
  }
}

variable "timeout" {
  description = "Seconds after which the platform ends a request."
  type        = number
}

variable "public" {
  description = "Whether anybody may call it; it then checks by itself who calls. Otherwise only `invokers`, from within."
  type        = bool
}

variable "iam_disabled" {
  description = "Whether a public function gets no binding for everybody, because its service does not ask for one."
  type        = bool
  default     = false
}

variable "network" {
  description = "Where all that it calls is called through, or null."
  type        = object({ network = string, subnetwork = string })
  default     = null
}

variable "closed" {
  description = "Whether a public function is called only through a load balancer."
  type        = bool
  default     = false
}

variable "invokers" {
  description = "Who may call a function that is not public, by a name for each."
  type        = map(string)
  default     = {}
}

variable "environment" {
  description = "Variables."
  type        = map(string)
}

variable "secrets" {
  description = "Variable → the secret that it comes from, and which version of it."
  type        = map(object({ secret = string, version = string }))
  default     = {}
}

variable "database" {
  description = "The database that it may use."
  type        = string
}

variable "database_role" {
  description = "What it may do in the database, by the name of a role."
  type        = string
}

variable "topics" {
  description = "Topics that it may publish to: the name that the code uses → the name in the cloud."
  type        = map(string)
}

variable "labels" {
  description = "Labels of the function, and of its Cloud Run service."
  type        = map(string)
  default     = {}
}
