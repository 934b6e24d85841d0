import { join } from 'node:path'
import t from 'tap'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { configFormat, readRunConfig } from '../../../lib/cli/run-config.ts'

void t.test('a Promtail config is converted as it is read', (t) => {
  const folder = t.testdir({
    'promtail.yaml': `clients: [{ url: 'http://127.0.0.1:3100/loki/api/v1/push' }]
scrape_configs:
  - job_name: app
    static_configs: [{ labels: { job: app, __path__: /var/log/app.log } }]
`,
    'bad.yaml': 'clients: 5\n',
    'config.alloy': 'logging { }\n',
  })
  const [text] = readRunConfig(join(folder, 'promtail.yaml'), 'promtail')
  t.same(parseFile(text!.source).diagnostics, [])
  t.match(text!.source.text, 'loki.source.file "app"')
  t.match(text!.source.name, 'promtail.yaml (converted)')
  t.throws(() => readRunConfig(join(folder, 'bad.yaml'), 'promtail'), {
    code: 'BAD_CONFIG',
    message: /bad\.yaml:1:/,
  })
  t.equal(readRunConfig(join(folder, 'config.alloy'), 'alloy')[0]!.source.text, 'logging { }\n')
  t.end()
})

void t.test('formats', (t) => {
  t.equal(configFormat(undefined), 'alloy')
  t.equal(configFormat('promtail'), 'promtail')
  t.throws(() => configFormat('yaml'), {
    code: 'BAD_USAGE',
    message: /takes alloy or promtail, found "yaml"/,
  })
  t.end()
})
