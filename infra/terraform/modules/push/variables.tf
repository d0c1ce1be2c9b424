variable "project" {
  description = "Id of the project."
  type        = string
}

variable "name" {
  description = "Name of the subscription in the cloud."
  type        = string
}

variable "topic" {
  description = "Id of the topic."
  type        = string
}

variable "endpoint" {
  description = "URL that messages are pushed to."
  type        = string
}

variable "audience" {
  description = "For whom the push's identity token is: the function's URL."
  type        = string
}

variable "account" {
  description = "E-mail of the service account that pushes."
  type        = string
}

variable "ack_deadline" {
  description = "Seconds after which a push that was not answered comes again."
  type        = number
}

variable "retry_min" {
  description = "Seconds before the first retry."
  type        = number
}

variable "retry_max" {
  description = "Seconds between later retries, at most."
  type        = number
}

variable "max_attempts" {
  description = "Deliveries after which a message is a dead letter."
  type        = number
}

variable "dead_letter_topic" {
  description = "Id of the topic that takes what was refused too often."
  type        = string
}

variable "broker" {
  description = "Pub/Sub's own service account in this project, as an IAM member."
  type        = string
}
