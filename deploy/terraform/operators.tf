# What operators in the cluster make of: the Secret out of Vault, and the alerts. Their custom resources have to
# be known to the cluster before this is planned.

resource "kubernetes_manifest" "external_secret" {
  count = var.external_secret == null ? 0 : 1

  manifest = {
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    metadata = {
      name      = var.secret_name
      namespace = var.namespace
      labels    = local.labels
    }
    spec = {
      refreshInterval = var.external_secret.refresh_interval
      secretStoreRef = {
        kind = var.external_secret.store_kind
        name = var.external_secret.store_name
      }
      target = {
        name           = var.secret_name
        creationPolicy = "Owner"
      }
      data = [
        for key in values(local.secret_env) : {
          secretKey = key
          remoteRef = {
            key      = var.external_secret.vault_path
            property = key
          }
        }
      ]
    }
  }
}

resource "kubernetes_manifest" "alerts" {
  count = var.alerts ? 1 : 0

  manifest = {
    apiVersion = "monitoring.coreos.com/v1"
    kind       = "PrometheusRule"
    metadata = {
      name      = local.name
      namespace = var.namespace
      labels    = merge(local.labels, var.alert_labels)
    }
    # The same rules that promtool tests, and no copy of them.
    spec = yamldecode(file("${path.module}/../prometheus/broker-sync.rules.yml"))
  }
}
