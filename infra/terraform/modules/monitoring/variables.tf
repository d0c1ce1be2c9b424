variable "project" {
  description = "Id of the project."
  type        = string
}

variable "name" {
  description = "Name of the installation."
  type        = string
}

variable "functions" {
  description = "Functions by the names that the code uses."
  type        = set(string)
}

variable "answering" {
  description = "Functions that a person or a system waits for → the milliseconds within which 95 of 100 calls are answered."
  type        = map(number)
}

variable "subscriptions" {
  description = "Names of the push subscriptions."
  type        = set(string)
}

variable "undeliverable" {
  description = "Subscription that holds what even the dead letters' keeper refused."
  type        = string
}

variable "chunks" {
  description = "The one of them that waits for the vendor."
  type        = string
}

variable "hosts" {
  description = "Hosts of the web app."
  type        = set(string)
}

variable "service_levels" {
  description = "Whether service levels are measured, with alerts on how fast what they leave is used up."
  type        = bool
}

variable "emails" {
  description = "Addresses to notify."
  type        = set(string)
}

variable "webhooks" {
  description = "URLs to notify."
  type        = set(string)
}

variable "topics" {
  description = "Topics to notify, as projects/…/topics/…."
  type        = set(string)
}

variable "billing_account" {
  description = "Billing account of the budget. Empty: no budget."
  type        = string
}

variable "project_number" {
  description = "Number of the project, by which a budget knows it."
  type        = string
}

variable "monthly_budget" {
  description = "Budget of a month, in whole units of the account's currency."
  type        = number
}
