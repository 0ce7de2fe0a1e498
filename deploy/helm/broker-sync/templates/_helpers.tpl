{{- /* Every installation has one job, so the name is that of the contract, whatever the release is called. */ -}}
{{- define "broker-sync.name" -}}
broker-sync-ibkr
{{- end }}

{{- define "broker-sync.selector" -}}
app.kubernetes.io/name: broker-sync
app.kubernetes.io/component: ibkr
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "broker-sync.labels" -}}
{{ include "broker-sync.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "broker-sync.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "broker-sync.account" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "broker-sync.name" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "broker-sync.claim" -}}
{{ .Values.persistence.existingClaim | default "broker-sync-data" }}
{{- end }}

{{- /* The keys of the Secret, one a line: those of every installation, and the tokens of single accounts. */ -}}
{{- define "broker-sync.keys" -}}
wf_base_url
wf_username
wf_password
ibkr_flex_token
ibkr_flex_query_id
ibkr_account_id
ibkr_account_id_upstream
{{- range .Values.accounts }}
{{- with .tokenKey }}
{{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What a container needs to know; the same for the job and for its test. */ -}}
{{- define "broker-sync.env" -}}
- name: BROKER_SYNC_DATA_DIR
  value: /data
- name: WF_SESSION_PATH
  value: /data/wealthfolio_session.json
{{- with .Values.pushgatewayUrl }}
- name: PUSHGATEWAY_URL
  value: {{ . | quote }}
{{- end }}
{{- if .Values.accounts }}
- name: BROKER_SYNC_CONFIG
  value: /etc/broker-sync/broker-sync.toml
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range include "broker-sync.keys" . | splitList "\n" | uniq }}
- name: {{ upper . }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.existingSecret }}
      key: {{ . }}
{{- end }}
{{- end }}

{{- define "broker-sync.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
# Or every start would open all files to the group again.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "broker-sync.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
