/**
 * The built-in rules: formats that issuers of secrets have published or that are plain to see in their documentation,
 * and a few names whose values must not be shown. Each has a keyword, so that most lines are never searched. Where gitleaks
 * has a rule for the same secret, ours has its id, which `$SECRET_NAME`, `disabledRules` and dashboards refer to.
 */
import type { RuleSet, RuleSource } from './rule.ts'

type More = Partial<Pick<RuleSource, 'entropy' | 'secretGroup' | 'allowlists'>>

function rule(id: string, keywords: readonly string[], regex: string, more: More = {}): RuleSource {
  return { id, keywords, regex, secretGroup: 0, entropy: 0, allowlists: [], ...more }
}

/** Placeholders for a value, in examples and in lines that were redacted before. */
const PLACEHOLDERS = {
  target: 'secret',
  regexes: [
    '^[*xX.]+$',
    '(?i)^(?:null|nil|none|true|false|undefined|empty|string|required|redacted|hidden|masked)$',
    '^[\\[<({$%]',
  ],
  stopwords: [],
  all: false,
} as const

const NAMED = '["\']?\\s{0,5}(?:=|:|=>|:=)\\s{0,5}["\']?'

const CLOUDS: readonly RuleSource[] = [
  rule('aws-access-token', ['akia', 'asia', 'abia', 'acca'], '\\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\\b', {
    entropy: 3,
  }),
  rule(
    'aws-secret-access-key',
    ['secretaccesskey', 'secret_access_key', 'secret-access-key'],
    `(?i)secret[_-]?access[_-]?key${NAMED}([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)`,
    { entropy: 3 },
  ),
  rule('gcp-api-key', ['aiza'], '\\b(AIza[0-9A-Za-z_-]{35})'),
  rule('google-oauth-client-secret', ['gocspx-'], '\\b(GOCSPX-[0-9A-Za-z_-]{28})'),
  rule('google-oauth-access-token', ['ya29.'], '\\b(ya29\\.[0-9A-Za-z_-]{20,})'),
  rule('azure-storage-key', ['accountkey='], '(?i)AccountKey=([A-Za-z0-9+/]{86}==)'),
  rule('azure-ad-client-secret', ['q~'], '\\b([0-9A-Za-z_~.]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34})'),
  rule('digitalocean-access-token', ['doo_v1_'], '\\b(doo_v1_[0-9a-f]{64})\\b'),
  rule('digitalocean-pat', ['dop_v1_'], '\\b(dop_v1_[0-9a-f]{64})\\b'),
  rule('digitalocean-refresh-token', ['dor_v1_'], '\\b(dor_v1_[0-9a-f]{64})\\b'),
  rule('heroku-api-key-v2', ['hrku-aa'], '\\b(HRKU-AA[0-9A-Za-z_-]{58})'),
  rule('cloudflare-origin-ca-key', ['v1.0-'], '\\b(v1\\.0-[0-9a-f]{24}-[0-9a-f]{146})\\b'),
]

function gitlab(prefixes: Readonly<Record<string, string>>): RuleSource[] {
  return Object.entries(prefixes).map(([id, prefix]) =>
    rule(id, [`${prefix}-`], `\\b(${prefix}-[0-9A-Za-z_.-]{20,})`),
  )
}

const DEVELOPMENT: readonly RuleSource[] = [
  rule('github-pat', ['ghp_'], '\\b(ghp_[0-9A-Za-z]{36})\\b'),
  rule('github-oauth', ['gho_'], '\\b(gho_[0-9A-Za-z]{36,})\\b'),
  rule('github-app-token', ['ghu_', 'ghs_'], '\\b(gh[us]_[0-9A-Za-z]{36,})\\b'),
  rule('github-refresh-token', ['ghr_'], '\\b(ghr_[0-9A-Za-z]{36,})\\b'),
  rule('github-fine-grained-pat', ['github_pat_'], '\\b(github_pat_[0-9A-Za-z_]{82})\\b'),
  rule('gitlab-pat', ['glpat-'], '\\b(glpat-[0-9A-Za-z_.-]{20,})'),
  ...gitlab({
    'gitlab-deploy-token': 'gldt',
    'gitlab-runner-authentication-token': 'glrt',
    'gitlab-ptt': 'glptt',
    'gitlab-feed-token': 'glft',
    'gitlab-scim-token': 'glsoat',
    'gitlab-cicd-job-token': 'glcbt',
    'gitlab-oauth-app-secret': 'gloas',
  }),
  rule('npm-access-token', ['npm_'], '\\b(npm_[0-9A-Za-z]{36})\\b'),
  rule('pypi-upload-token', ['pypi-ageichlwas5vcmc'], '\\b(pypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50,})'),
  rule('rubygems-api-token', ['rubygems_'], '\\b(rubygems_[0-9a-f]{48})\\b'),
  rule('docker-hub-token', ['dckr_pat_'], '\\b(dckr_pat_[0-9A-Za-z_-]{27})'),
  rule('atlassian-api-token', ['atatt3'], '\\b(ATATT3[0-9A-Za-z_=-]{180,})'),
  rule('postman-api-token', ['pmak-'], '\\b(PMAK-[0-9a-f]{24}-[0-9a-f]{34})\\b'),
  rule('pulumi-api-token', ['pul-'], '\\b(pul-[0-9a-f]{40})\\b'),
  rule('hashicorp-tf-api-token', ['.atlasv1.'], '\\b([0-9A-Za-z]{14}\\.atlasv1\\.[0-9A-Za-z_=-]{60,70})'),
  rule('vault-batch-token', ['hvb.'], '\\b(hvb\\.[0-9A-Za-z_-]{24,})'),
  rule('vault-service-token', ['hvs.'], '\\b(hvs\\.[0-9A-Za-z_-]{24,})'),
  rule('doppler-api-token', ['dp.pt.'], '\\b(dp\\.pt\\.[0-9A-Za-z]{40,44})\\b'),
  rule('databricks-api-token', ['dapi'], '\\b(dapi[0-9a-f]{32}(?:-[0-9])?)\\b'),
  rule('huggingface-access-token', ['hf_'], '\\b(hf_[0-9A-Za-z]{34})\\b', { entropy: 3 }),
  rule('anthropic-api-key', ['sk-ant-'], '\\b(sk-ant-[0-9A-Za-z_-]{40,})'),
  rule(
    'openai-api-key',
    ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    '\\b(sk-(?:proj|svcacct|admin)-[0-9A-Za-z_-]{40,})',
  ),
]

const SERVICES: readonly RuleSource[] = [
  rule('grafana-api-key', ['eyjrijoi'], '\\b(eyJrIjoi[0-9A-Za-z+/]{70,}={0,2})'),
  rule('grafana-service-account-token', ['glsa_'], '\\b(glsa_[0-9A-Za-z]{32}_[0-9a-fA-F]{8})\\b'),
  rule('grafana-cloud-api-token', ['glc_'], '\\b(glc_[0-9A-Za-z+/]{32,400}={0,2})'),
  rule('new-relic-user-api-key', ['nrak-'], '\\b(NRAK-[0-9A-Z]{27})\\b'),
  rule(
    'datadog-access-token',
    ['dd_api_key', 'dd-api-key', 'dd_app_key', 'dd_application_key', 'dd-application-key'],
    `(?i)dd[_-](?:api|app|application)[_-]key${NAMED}([0-9a-f]{32,40})\\b`,
  ),
  rule('sentry-org-token', ['sntrys_'], '\\b(sntrys_[0-9A-Za-z_=+/]{40,})'),
  rule('sentry-user-token', ['sntryu_'], '\\b(sntryu_[0-9A-Za-z_=+/]{40,})'),
  rule('slack-bot-token', ['xoxb-'], '\\b(xoxb-[0-9A-Za-z-]{10,})'),
  rule('slack-user-token', ['xoxp-', 'xoxe-'], '\\b(xox[pe]-[0-9A-Za-z-]{10,})'),
  rule(
    'slack-legacy-token',
    ['xoxa-', 'xoxc-', 'xoxo-', 'xoxr-', 'xoxs-'],
    '\\b(xox[acors]-[0-9A-Za-z-]{10,})',
  ),
  rule('slack-app-token', ['xapp-'], '\\b(xapp-[0-9]-[0-9A-Z]{8,12}-[0-9]{8,16}-[0-9a-f]{32,})'),
  rule(
    'slack-webhook-url',
    ['hooks.slack.com'],
    'hooks\\.slack\\.com/(?:services|workflows|triggers)/([0-9A-Za-z+/]{40,60})',
  ),
  rule(
    'discord-webhook',
    ['api/webhooks/'],
    'discord(?:app)?\\.com/api/webhooks/[0-9]{17,20}/([0-9A-Za-z_-]{60,80})',
  ),
  rule('telegram-bot-api-token', [':aa'], '\\b([0-9]{8,10}:AA[0-9A-Za-z_-]{33})'),
  rule(
    'stripe-access-token',
    ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'],
    '\\b([sr]k_(?:live|test)_[0-9A-Za-z]{10,99})\\b',
  ),
  rule('shopify-access-token', ['shpat_'], '\\b(shpat_[0-9a-fA-F]{32})\\b'),
  rule('shopify-custom-access-token', ['shpca_'], '\\b(shpca_[0-9a-fA-F]{32})\\b'),
  rule('shopify-private-app-access-token', ['shppa_'], '\\b(shppa_[0-9a-fA-F]{32})\\b'),
  rule('shopify-shared-secret', ['shpss_'], '\\b(shpss_[0-9a-fA-F]{32})\\b'),
  rule('square-access-token', ['sq0atp-', 'sq0csp-'], '\\b(sq0(?:atp|csp)-[0-9A-Za-z_-]{22,43})'),
  rule('twilio-api-key', ['twilio'], '(?i:twilio).{0,40}?\\b(SK[0-9a-f]{32})\\b'),
  rule('sendgrid-api-token', ['sg.'], '\\b(SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43})'),
  rule('mailgun-private-api-token', ['key-'], '\\b(key-[0-9a-f]{32})\\b'),
  rule('linear-api-key', ['lin_api_'], '\\b(lin_api_[0-9A-Za-z]{40})\\b'),
]

const GENERAL: readonly RuleSource[] = [
  rule(
    'private-key',
    ['private key'],
    '(?s)(-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----.{16,}?(?:-----END[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----|$))',
  ),
  rule('age-secret-key', ['age-secret-key-1'], '\\b(AGE-SECRET-KEY-1[0-9A-Z]{58})\\b'),
  rule('jwt', ['.eyj'], '\\b(eyJ[0-9A-Za-z_-]{10,}\\.eyJ[0-9A-Za-z_-]{10,}\\.[0-9A-Za-z_-]{10,})'),
  rule(
    'authorization-header',
    ['authorization'],
    `(?i)authorization${NAMED}(?:bearer|basic|token)\\s{1,5}([0-9A-Za-z._~+/=-]{8,})`,
    { allowlists: [PLACEHOLDERS] },
  ),
  rule('password-in-url', ['://'], '\\b[a-z][a-z0-9+.-]{1,20}://[^\\s:/@"\']{0,100}:([^\\s/@"\']{3,200})@', {
    allowlists: [PLACEHOLDERS],
  }),
  rule(
    'password',
    ['password', 'passwd', 'passphrase'],
    `(?i)(?:password|passwd|passphrase)${NAMED}([^\\s"',;&]{6,150})`,
    { allowlists: [PLACEHOLDERS] },
  ),
  rule(
    'generic-api-key',
    ['secret', 'api_key', 'api-key', 'apikey', 'token', 'private_key', 'privatekey'],
    `(?i)(?:secret|api[_-]?key|token|private[_-]?key)${NAMED}([0-9A-Za-z_.+/=~-]{16,150})`,
    { entropy: 3.5, allowlists: [PLACEHOLDERS] },
  ),
]

/** Of two rules that find one secret the earlier one counts, so the general ones come last. */
export const builtInRules: RuleSet = {
  rules: [...CLOUDS, ...DEVELOPMENT, ...SERVICES, ...GENERAL],
  allowlists: [],
}
