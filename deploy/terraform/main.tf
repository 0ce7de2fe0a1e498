# The nightly job, the volume that it keeps its books on, and the account that it runs under.

locals {
  name = "broker-sync-ibkr"
  user = 10001
  labels = merge(var.labels, {
    "app.kubernetes.io/name"       = "broker-sync"
    "app.kubernetes.io/component"  = "ibkr"
    "app.kubernetes.io/managed-by" = "terraform"
  })

  claim = var.existing_claim == null ? kubernetes_persistent_volume_claim_v1.data[0].metadata[0].name : var.existing_claim

  # What the Secret has for every installation, by the variable that it sets.
  secret_keys = {
    WF_BASE_URL              = "wf_base_url"
    WF_USERNAME              = "wf_username"
    WF_PASSWORD              = "wf_password"
    IBKR_FLEX_TOKEN          = "ibkr_flex_token"
    IBKR_FLEX_QUERY_ID       = "ibkr_flex_query_id"
    IBKR_ACCOUNT_ID          = "ibkr_account_id"
    IBKR_ACCOUNT_ID_UPSTREAM = "ibkr_account_id_upstream"
  }
  # Tokens that single accounts have for themselves.
  token_keys  = toset([for account in var.accounts : account.token_key if account.token_key != null])
  secret_env  = merge(local.secret_keys, { for key in local.token_keys : upper(key) => key })
  config_path = "/etc/broker-sync/broker-sync.toml"

  plain_env = merge(
    {
      BROKER_SYNC_DATA_DIR = "/data"
      WF_SESSION_PATH      = "/data/wealthfolio_session.json"
    },
    var.pushgateway_url == null ? {} : { PUSHGATEWAY_URL = var.pushgateway_url },
    length(var.accounts) == 0 ? {} : { BROKER_SYNC_CONFIG = local.config_path },
    var.settings,
  )
}

resource "kubernetes_service_account_v1" "this" {
  metadata {
    name      = local.name
    namespace = var.namespace
    labels    = local.labels
  }

  # It has no rights, and the job asks the cluster nothing.
  automount_service_account_token = false
}

resource "kubernetes_persistent_volume_claim_v1" "data" {
  count = var.existing_claim == null ? 1 : 0

  metadata {
    name      = "broker-sync-data"
    namespace = var.namespace
    labels    = local.labels
  }

  spec {
    access_modes       = ["ReadWriteOnce"]
    storage_class_name = var.storage_class_name

    resources {
      requests = { storage = var.storage_size }
    }
  }

  # Many classes bind a volume only when something uses it.
  wait_until_bound = false

  lifecycle {
    # What was booked where, and every statement as it came, would be gone.
    prevent_destroy = true
  }
}

resource "kubernetes_config_map_v1" "accounts" {
  count = length(var.accounts) == 0 ? 0 : 1

  metadata {
    name      = "broker-sync-config"
    namespace = var.namespace
    labels    = local.labels
  }

  # A text in JSON is one in TOML, too.
  data = {
    "broker-sync.toml" = join("\n", flatten([
      for account in var.accounts : [
        "[[ibkr.accounts]]",
        "id = ${jsonencode(account.id)}",
        account.tracker_id == null ? [] : ["tracker_id = ${jsonencode(account.tracker_id)}"],
        account.sink == null ? [] : ["sink = ${jsonencode(account.sink)}"],
        account.account_type == null ? [] : ["account_type = ${jsonencode(account.account_type)}"],
        account.time_zone == null ? [] : ["time_zone = ${jsonencode(account.time_zone)}"],
        account.query_ids == null ? [] : ["query_ids = ${jsonencode(account.query_ids)}"],
        account.token_key == null ? [] : ["token_env = ${jsonencode(upper(account.token_key))}"],
        account.token_expires == null ? [] : ["token_expires = ${account.token_expires}"],
        "",
      ]
    ]))
  }
}

resource "kubernetes_cron_job_v1" "this" {
  metadata {
    name      = local.name
    namespace = var.namespace
    labels    = local.labels
  }

  spec {
    schedule                      = var.schedule
    timezone                      = var.time_zone
    suspend                       = var.suspend
    concurrency_policy            = "Forbid"
    starting_deadline_seconds     = 300
    successful_jobs_history_limit = 3
    failed_jobs_history_limit     = 5

    job_template {
      metadata {
        labels = local.labels
      }

      spec {
        # Tries after a failure. They cost the broker nothing: what went wrong before is remembered in /data,
        # and nothing is asked while that would make it worse.
        backoff_limit = 2
        # A run that hangs would otherwise hold up every night after it.
        active_deadline_seconds    = var.active_deadline_seconds
        ttl_seconds_after_finished = "86400"

        # Kubernetes takes a policy only where a pod is never restarted in place.
        dynamic "pod_failure_policy" {
          for_each = var.restart_policy == "Never" ? [true] : []
          content {
            rule {
              # Another try would end alike: the settings are wrong, or the statement is refused.
              action = "FailJob"
              on_exit_codes {
                container_name = "broker-sync"
                operator       = "In"
                values         = [2, 3]
              }
            }
            rule {
              # The node was taken away; that is not the run's fault.
              action = "Ignore"
              on_pod_condition {
                type = "DisruptionTarget"
              }
            }
          }
        }

        template {
          metadata {
            labels = local.labels
          }

          spec {
            restart_policy                   = var.restart_policy
            termination_grace_period_seconds = 60
            service_account_name             = kubernetes_service_account_v1.this.metadata[0].name
            automount_service_account_token  = false
            enable_service_links             = false
            node_selector                    = var.node_selector
            priority_class_name              = var.priority_class_name

            security_context {
              run_as_non_root = true
              run_as_user     = local.user
              run_as_group    = local.user
              fs_group        = local.user
              # Or every start would open all files to the group again.
              fs_group_change_policy = "OnRootMismatch"

              seccomp_profile {
                type = "RuntimeDefault"
              }
            }

            dynamic "image_pull_secrets" {
              for_each = var.image_pull_secrets
              content {
                name = image_pull_secrets.value
              }
            }

            dynamic "toleration" {
              for_each = var.tolerations
              content {
                key      = toleration.value.key
                operator = toleration.value.operator
                value    = toleration.value.value
                effect   = toleration.value.effect
              }
            }

            container {
              name              = "broker-sync"
              image             = "${var.image}:${var.image_tag}"
              image_pull_policy = "IfNotPresent"
              args              = concat(["ibkr"], var.extra_args)

              dynamic "env" {
                for_each = local.plain_env
                content {
                  name  = env.key
                  value = env.value
                }
              }

              dynamic "env" {
                for_each = local.secret_env
                content {
                  name = env.key
                  value_from {
                    secret_key_ref {
                      name = var.secret_name
                      key  = env.value
                    }
                  }
                }
              }

              resources {
                requests = var.resources.requests
                limits   = var.resources.limits
              }

              security_context {
                allow_privilege_escalation = false
                privileged                 = false
                read_only_root_filesystem  = true
                run_as_non_root            = true

                capabilities {
                  drop = ["ALL"]
                }
              }

              volume_mount {
                name       = "data"
                mount_path = "/data"
              }

              dynamic "volume_mount" {
                for_each = kubernetes_config_map_v1.accounts
                content {
                  name       = "config"
                  mount_path = "/etc/broker-sync"
                  read_only  = true
                }
              }
            }

            volume {
              name = "data"
              persistent_volume_claim {
                claim_name = local.claim
              }
            }

            dynamic "volume" {
              for_each = kubernetes_config_map_v1.accounts
              content {
                name = "config"
                config_map {
                  name = volume.value.metadata[0].name
                }
              }
            }
          }
        }
      }
    }
  }
}
