/** The built-in rules: each finds its secrets after one of its keywords, and finds nothing in ordinary lines. */
import t from 'tap'
import { detector } from '../../../../lib/components/loki.secretfilter/detect.ts'
import { builtInRules } from '../../../../lib/components/loki.secretfilter/rules.ts'

// Put together here, so that no scanner takes this file for a leak.
const alnum = 'aB3dE5gH7jK9mN1pQ2sT4vW6xY8z'
const fill = (length: number, of = alnum): string => of.repeat(Math.ceil(length / of.length)).slice(0, length)
const hex = (length: number): string => fill(length, '3f9c2ba4e88f827d61604550760585')
const upper = (length: number): string => fill(length, 'Q2R7T5V3W6X4Y2Z7')

const examples: Readonly<Record<string, string>> = {
  'aws-access-token': `AKIA${upper(16)}`,
  'aws-secret-access-key': `aws_secret_access_key = ${fill(40)}`,
  'gcp-api-key': `AIza${fill(35)}`,
  'google-oauth-client-secret': `GOCSPX-${fill(28)}`,
  'google-oauth-access-token': `ya29.${fill(60)}`,
  'azure-storage-key': `AccountName=a;AccountKey=${fill(86)}==;`,
  'azure-ad-client-secret': `abc8Q~${fill(34)}`,
  'digitalocean-access-token': `doo_v1_${hex(64)}`,
  'digitalocean-pat': `dop_v1_${hex(64)}`,
  'digitalocean-refresh-token': `dor_v1_${hex(64)}`,
  'heroku-api-key-v2': `HRKU-AA${fill(58)}`,
  'cloudflare-origin-ca-key': `v1.0-${hex(24)}-${hex(146)}`,
  'github-pat': `ghp_${fill(36)}`,
  'github-oauth': `gho_${fill(36)}`,
  'github-app-token': `ghs_${fill(36)}`,
  'github-refresh-token': `ghr_${fill(36)}`,
  'github-fine-grained-pat': `github_pat_${fill(82)}`,
  'gitlab-pat': `glpat-${fill(20)}`,
  'gitlab-deploy-token': `gldt-${fill(20)}`,
  'gitlab-runner-authentication-token': `glrt-${fill(20)}`,
  'gitlab-ptt': `glptt-${fill(20)}`,
  'gitlab-feed-token': `glft-${fill(20)}`,
  'gitlab-scim-token': `glsoat-${fill(20)}`,
  'gitlab-cicd-job-token': `glcbt-${fill(20)}`,
  'gitlab-oauth-app-secret': `gloas-${fill(20)}`,
  'npm-access-token': `npm_${fill(36)}`,
  'pypi-upload-token': `pypi-AgEIcHlwaS5vcmc${fill(60)}`,
  'rubygems-api-token': `rubygems_${hex(48)}`,
  'docker-hub-token': `dckr_pat_${fill(27)}`,
  'atlassian-api-token': `ATATT3${fill(186)}`,
  'postman-api-token': `PMAK-${hex(24)}-${hex(34)}`,
  'pulumi-api-token': `pul-${hex(40)}`,
  'hashicorp-tf-api-token': `${fill(14)}.atlasv1.${fill(64)}`,
  'vault-batch-token': `hvb.${fill(24)}`,
  'vault-service-token': `hvs.${fill(24)}`,
  'doppler-api-token': `dp.pt.${fill(43)}`,
  'databricks-api-token': `dapi${hex(32)}`,
  'huggingface-access-token': `hf_${fill(34)}`,
  'anthropic-api-key': `sk-ant-api03-${fill(93)}`,
  'openai-api-key': `sk-proj-${fill(48)}`,
  'grafana-api-key': `eyJrIjoi${fill(96)}==`,
  'grafana-service-account-token': `glsa_${fill(32)}_${hex(8)}`,
  'grafana-cloud-api-token': `glc_${fill(80)}=`,
  'new-relic-user-api-key': `NRAK-${upper(27)}`,
  'datadog-access-token': `DD_API_KEY=${hex(32)}`,
  'sentry-org-token': `sntrys_${fill(64)}`,
  'sentry-user-token': `sntryu_${hex(64)}`,
  'slack-bot-token': `xoxb-${fill(24)}`,
  'slack-user-token': `xoxp-${fill(24)}`,
  'slack-legacy-token': `xoxs-${fill(24)}`,
  'slack-app-token': `xapp-1-A${upper(10)}-1234567890123-${hex(64)}`,
  'slack-webhook-url': `https://hooks.slack.com/services/T${upper(8)}/B${upper(8)}/${fill(24)}`,
  'discord-webhook': `https://discord.com/api/webhooks/123456789012345678/${fill(68)}`,
  'telegram-bot-api-token': `bot 123456789:AA${fill(33)}`,
  'stripe-access-token': `sk_live_${fill(24)}`,
  'shopify-access-token': `shpat_${hex(32)}`,
  'shopify-custom-access-token': `shpca_${hex(32)}`,
  'shopify-private-app-access-token': `shppa_${hex(32)}`,
  'shopify-shared-secret': `shpss_${hex(32)}`,
  'square-access-token': `sq0atp-${fill(22)}`,
  'twilio-api-key': `twilio key SK${hex(32)}`,
  'sendgrid-api-token': `SG.${fill(22)}.${fill(43)}`,
  'mailgun-private-api-token': `key-${hex(32)}`,
  'linear-api-key': `lin_api_${fill(40)}`,
  'private-key': `-----BEGIN RSA PRIVATE KEY-----\\n${fill(64)}\\n-----END RSA PRIVATE KEY-----`,
  'age-secret-key': `AGE-SECRET-KEY-1${upper(58)}`,
  jwt: `eyJ${fill(20)}.eyJ${fill(40)}.${fill(43)}`,
  'authorization-header': `{"Authorization": "Basic ${fill(24)}=="}`,
  'password-in-url': 'postgres://shop:hunter2@db:5432/orders',
  password: 'user=bob password=correct-horse',
  'generic-api-key': `token:${fill(32)}`,
}

// One for all tests: compiling the rules takes seconds of CPU.
const detect = detector(builtInRules, 'on-demand')

void t.test('every rule finds its example', (t) => {
  t.same(
    builtInRules.rules.map(({ id }) => id),
    Object.keys(examples),
  )
  for (const { id, keywords } of builtInRules.rules) {
    t.not(keywords.length, 0, `${id} has keywords`)
    t.ok([...detect(`x ${examples[id]!} y`).findings.values()].includes(id), id)
  }
  t.end()
})

void t.test('ordinary lines hold nothing', (t) => {
  for (const line of [
    '2026-01-02T03:04:05Z INFO transaction 7f9c2ba4e88f827d616045507605853ed73b8093 status=200',
    'GET https://example.com:8080/a/b?token=short HTTP/1.1',
    'password=****** passwd: ${DB_PASSWORD} "password": null',
    'Authorization: Bearer ********',
    'the secret of api_key rotation is token lifetime',
    'sk-project started; hf_off; key-value store; v1.0-rc1; xoxo',
    'smtp://mail:25/ from bob@example.com',
  ])
    t.same([...detect(line).findings], [], line)
  t.end()
})
