# terraform test: what the module makes, without a cluster.

mock_provider "kubernetes" {}

run "the_job_is_the_one_that_was_promised" {
  command = plan

  assert {
    condition     = kubernetes_cron_job_v1.this.metadata[0].name == "broker-sync-ibkr"
    error_message = "the name of the job"
  }
  assert {
    condition = alltrue([for spec in kubernetes_cron_job_v1.this.spec :
      spec.schedule == "0 2 * * *" && spec.concurrency_policy == "Forbid" && spec.starting_deadline_seconds == 300 &&
    spec.successful_jobs_history_limit == 3 && spec.failed_jobs_history_limit == 5])
    error_message = "when it runs"
  }
  assert {
    condition = alltrue([for spec in kubernetes_cron_job_v1.this.spec[0].job_template[0].spec :
    spec.backoff_limit == 2 && spec.ttl_seconds_after_finished == "86400" && length(spec.pod_failure_policy) == 0])
    error_message = "how often it is tried, and how long it stays"
  }
  assert {
    condition = alltrue([for spec in kubernetes_cron_job_v1.this.spec[0].job_template[0].spec[0].template[0].spec :
      spec.restart_policy == "OnFailure" && spec.automount_service_account_token == false &&
      length(spec.volume) == 1 && spec.security_context[0].fs_group == "10001" &&
      spec.container[0].resources[0].requests == tomap({ cpu = "20m", memory = "128Mi" }) &&
      spec.container[0].resources[0].limits == tomap({ memory = "256Mi" })
    ])
    error_message = "the pod"
  }
  assert {
    condition = sort([for key in output.secret_keys : key]) == tolist([
      "ibkr_account_id", "ibkr_account_id_upstream", "ibkr_flex_query_id", "ibkr_flex_token",
      "wf_base_url", "wf_password", "wf_username",
    ])
    error_message = "the keys of the Secret"
  }
  assert {
    condition = alltrue([for entry in kubernetes_manifest.external_secret[0].manifest.spec.data :
    entry.remoteRef == { key = "secret/broker-sync", property = entry.secretKey }])
    error_message = "where the Secret comes from"
  }
  assert {
    condition     = kubernetes_manifest.alerts[0].manifest.spec.groups[0].name == "broker-sync-ibkr"
    error_message = "the alerts"
  }
}

run "a_run_that_is_never_restarted_is_left_alone_after_2_and_3" {
  command = plan

  variables {
    restart_policy = "Never"
  }

  assert {
    condition = (kubernetes_cron_job_v1.this.spec[0].job_template[0].spec[0]
    .pod_failure_policy[0].rule[0].on_exit_codes[0].values == tolist([2, 3]))
    error_message = "the exit statuses"
  }
}

run "several_accounts_are_in_one_file" {
  command = plan

  variables {
    accounts = [
      { id = "U1234567", tracker_id = "joint", query_ids = [2345678, 3456789] },
      { id = "U7654321", account_type = "ISA", token_key = "isa_token", token_expires = "2027-05-01" },
    ]
  }

  assert {
    condition     = kubernetes_config_map_v1.accounts[0].data["broker-sync.toml"] == <<-EOT
      [[ibkr.accounts]]
      id = "U1234567"
      tracker_id = "joint"
      query_ids = [2345678,3456789]

      [[ibkr.accounts]]
      id = "U7654321"
      account_type = "ISA"
      token_env = "ISA_TOKEN"
      token_expires = 2027-05-01
    EOT
    error_message = "the file of the accounts"
  }
  assert {
    condition     = contains(output.secret_keys, "isa_token")
    error_message = "the token of its own"
  }
}

run "nothing_is_made_of_what_is_there" {
  command = plan

  variables {
    existing_claim  = "books"
    external_secret = null
    alerts          = false
  }

  assert {
    condition     = output.claim_name == "books" && length(kubernetes_persistent_volume_claim_v1.data) == 0
    error_message = "the claim"
  }
  assert {
    condition     = length(kubernetes_manifest.external_secret) == 0 && length(kubernetes_manifest.alerts) == 0
    error_message = "what operators do"
  }
}

run "a_token_among_the_settings_is_refused" {
  command = plan

  variables {
    settings = { IBKR_FLEX_TOKEN = "123456" }
  }

  expect_failures = [var.settings]
}

run "no_version_is_refused" {
  command = plan

  variables {
    image_tag = "latest"
  }

  expect_failures = [var.image_tag]
}
