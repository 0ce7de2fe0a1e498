output "cron_job_name" {
  description = "The CronJob. `kubectl create job --from=cronjob/NAME first` runs it now."
  value       = kubernetes_cron_job_v1.this.metadata[0].name
}

output "namespace" {
  description = "Where it is."
  value       = var.namespace
}

output "claim_name" {
  description = "The volume claim with the books. Back it up."
  value       = local.claim
}

output "secret_name" {
  description = "The Secret that has to hold `secret_keys`."
  value       = var.secret_name
}

output "secret_keys" {
  description = "The keys that the Secret has to hold, sorted."
  value       = sort(values(local.secret_env))
}
