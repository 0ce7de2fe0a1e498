variable "namespace" {
  description = "The namespace, which has to be there."
  type        = string
  default     = "broker-sync"
}

variable "labels" {
  description = "Labels for everything, besides those that the module sets."
  type        = map(string)
  default     = {}
}

# --- the image ---

variable "image" {
  description = "The image, without its tag."
  type        = string
  default     = "ghcr.io/broker-sync/broker-sync"
}

variable "image_tag" {
  description = "The version to run; `0.1.0@sha256:...` also pins its digest."
  type        = string
  default     = "0.1.0"

  validation {
    condition     = !startswith(var.image_tag, "latest")
    error_message = "Name a version: with \"latest\" nobody knows what runs tonight."
  }
}

variable "image_pull_secrets" {
  description = "Names of Secrets for a registry that asks for a login."
  type        = list(string)
  default     = []
}

# --- when and where ---

variable "schedule" {
  description = "When it runs, as cron has it. After midnight in New York the broker has yesterday's statement."
  type        = string
  default     = "0 2 * * *"
}

variable "time_zone" {
  description = "The zone of the schedule, such as `Europe/London`; null is the zone of the cluster's controller."
  type        = string
  default     = null
}

variable "suspend" {
  description = "Start no more runs."
  type        = bool
  default     = false
}

variable "restart_policy" {
  description = <<-EOT
    `OnFailure` starts a failed run again in its pod. `Never` starts it in a new one, and leaves a run alone that
    ended with 2 or 3, for which another try is of no use. Kubernetes can do that only with `Never`.
  EOT
  type        = string
  default     = "OnFailure"

  validation {
    condition     = contains(["OnFailure", "Never"], var.restart_policy)
    error_message = "A job can have OnFailure or Never."
  }
}

variable "active_deadline_seconds" {
  description = "The longest that a run may take, all its tries together."
  type        = number
  default     = 14400
}

variable "resources" {
  description = "What a run asks for, and what it may take."
  type = object({
    requests = map(string)
    limits   = map(string)
  })
  default = {
    requests = { cpu = "20m", memory = "128Mi" }
    limits   = { memory = "256Mi" }
  }
}

variable "node_selector" {
  description = "Labels of the nodes that it may run on."
  type        = map(string)
  default     = {}
}

variable "tolerations" {
  description = "Taints of nodes that it puts up with."
  type = list(object({
    key      = optional(string)
    operator = optional(string, "Equal")
    value    = optional(string)
    effect   = optional(string)
  }))
  default = []
}

variable "priority_class_name" {
  description = "The priority class of its pods."
  type        = string
  default     = null
}

# --- the volume ---

variable "existing_claim" {
  description = "A volume claim that is there already, in place of one that the module makes."
  type        = string
  default     = null
}

variable "storage_class_name" {
  description = "The class of the volume; null is the cluster's own choice."
  type        = string
  default     = null
}

variable "storage_size" {
  description = "The size of the volume. A statement of 90 days takes some 100 kB, compressed."
  type        = string
  default     = "1Gi"
}

# --- settings ---

variable "secret_name" {
  description = "The Secret with the settings. Each key has to be there; an empty one counts as not set."
  type        = string
  default     = "broker-sync-secrets"
}

variable "external_secret" {
  description = "How the External Secrets Operator fills the Secret from Vault; null if something else does."
  type = object({
    store_name       = optional(string, "vault")
    store_kind       = optional(string, "ClusterSecretStore")
    vault_path       = optional(string, "secret/broker-sync")
    refresh_interval = optional(string, "1h")
  })
  default = {}
}

variable "settings" {
  description = "More settings, by their environment variables; docs/settings.md has them all. Not for secrets."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.settings), ["IBKR_FLEX_TOKEN", "WF_PASSWORD"])) == 0
    error_message = "Tokens and passwords belong into the Secret: what stands here ends up in the state."
  }
}

variable "accounts" {
  description = <<-EOT
    Accounts besides the one in the Secret, each as docs/settings.md describes it. `token_key` names a key of the
    Secret that has a token for this account alone.
  EOT
  type = list(object({
    id            = string
    tracker_id    = optional(string)
    sink          = optional(string)
    account_type  = optional(string)
    time_zone     = optional(string)
    query_ids     = optional(list(number))
    token_key     = optional(string)
    token_expires = optional(string)
  }))
  default = []

  validation {
    condition     = length(distinct(var.accounts[*].id)) == length(var.accounts)
    error_message = "Each account is there once."
  }

  validation {
    condition = alltrue([
      for account in var.accounts : can(regex("^[a-z][a-z0-9_]*$", account.token_key)) if account.token_key != null
    ])
    error_message = "A token_key has small letters, digits and underscores, such as isa_token."
  }

  validation {
    condition = alltrue([
      for account in var.accounts : can(regex("^\\d{4}-\\d{2}-\\d{2}$", account.token_expires))
      if account.token_expires != null
    ])
    error_message = "A token_expires is a day of the form YYYY-MM-DD."
  }
}

variable "extra_args" {
  description = "More arguments for `broker-sync ibkr`, such as `--strict`."
  type        = list(string)
  default     = []
}

# --- watching ---

variable "pushgateway_url" {
  description = "Where metrics go, such as `http://pushgateway.monitoring.svc:9091/metrics`; null is nowhere."
  type        = string
  default     = null
}

variable "alerts" {
  description = "Make a PrometheusRule; needs the Prometheus Operator."
  type        = bool
  default     = true
}

variable "alert_labels" {
  description = "Labels by which Prometheus finds its rules, such as `{ release = \"prometheus\" }`."
  type        = map(string)
  default     = {}
}
