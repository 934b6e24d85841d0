/** The picture of `logstream check` for the docs: a config with two mistakes on a made-up sample, as a terminal shows it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { main } from '../lib/cli/main.ts'
import { noBrowser, startBrowser } from '../test/support/browser.ts'
import { fakeIo } from '../test/support/fake-io.ts'

const PICTURE = resolve('docs/images/check.png')

const CONFIG = `loki.source.file "shop" {
	targets    = [{__path__ = "/var/log/shop/*.log", job = "shop"}]
	forward_to = [loki.process.shop.receiver]
}

loki.process "shop" {
	forward_to = [loki.write.default.receiver]

	stage.regex {
		expression = \`^(?P<time>\\S+) (?P<level>DEBUG|INFO|WARN|ERROR) order=(?P<order>\\S+) \`
	}

	stage.timestamp {
		source = "time"
		format = "RFC3339"
	}

	stage.labels {
		values = {level = "", order = ""}
	}

	stage.match {
		selector = "{level=\\"DEBUG\\"}"
		action   = "drop"
	}
}

loki.write "default" {
	external_labels = {host = "web-1"}

	endpoint {
		url = "http://127.0.0.1:3100/loki/api/v1/push"
	}
}
`

/** Some 27 minutes of a shop. */
function sampleLines(): string {
  const began = Date.UTC(2026, 10, 28, 9)
  return Array.from({ length: 4000 }, (_, i) => {
    if (i % 50 === 7) return 'java.lang.NullPointerException: amount must not be null\n'
    const level = ['INFO', 'INFO', 'WARN', 'DEBUG'][i % 4]
    const body = i === 2222 ? 'x'.repeat(300_000) : ''
    return `${new Date(began + i * 400).toISOString()} ${level} order=${(i * 7919).toString(36)} paid ${body}\n`
  }).join('')
}

const COLOURS: Readonly<Record<string, string>> = {
  1: 'font-weight:bold',
  2: 'opacity:.6',
  31: 'color:#ff7b72',
  32: 'color:#7ee787',
}

/** A terminal's text as HTML; every colour there ends before the next begins. */
function html(text: string): string {
  return text
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/\u001b\[(\d+)m/g, (_, code: string) =>
      COLOURS[code] === undefined ? '</span>' : `<span style="${COLOURS[code]}">`,
    )
}

if (noBrowser !== false) throw new Error(noBrowser)
const folder = mkdtempSync(join(tmpdir(), 'logstream-check-'))
process.chdir(folder)
try {
  writeFileSync('config.alloy', CONFIG)
  writeFileSync('shop.log', sampleLines())
  const io = fakeIo()
  Object.assign(io.stdout, { isTTY: true })
  await main(['check', '--sample', 'shop.log', 'config.alloy'], io)
  const shown = `$ logstream check --sample shop.log config.alloy\n${io.out()}`
  const browser = await startBrowser()
  const page = await browser.newPage({ viewport: { width: 1100, height: 200 }, deviceScaleFactor: 2 })
  await page.setContent(
    `<body style="margin:0;background:#0d1117"><pre style="margin:0;padding:20px;color:#e6edf3;font:14px/1.5 monospace;white-space:pre-wrap">${html(shown)}</pre>`,
  )
  await page.screenshot({ path: PICTURE, fullPage: true })
  await browser.close()
} finally {
  process.chdir('/')
  rmSync(folder, { recursive: true, force: true })
}
