variable "project" {
  description = "Id of the project."
  type        = string
}

variable "name" {
  description = "Name of the installation."
  type        = string
}

variable "repository" {
  description = "GitHub repository, as owner/name."
  type        = string
}

variable "environment" {
  description = "GitHub environment in which its workflow runs."
  type        = string
}

variable "granted" {
  description = "Roles of the project that it may grant."
  type        = list(string)
}
