/**
 * Pictures of the page for the docs, made by `npm run screenshots`: the transactions example with an embedded store, an
 * hour of lines in it and more coming, seen by Chromium. Names as arguments: those pictures only. `--looks FOLDER`: each
 * of them in light and dark, from 360 to 2,560 pixels wide, into that folder, to be looked at.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { demoStore } from '../lib/cli/demo/demo-store.ts'
import { startService, type Service } from '../lib/cli/run.ts'
import { transactionSource } from '../lib/generate/transactions.ts'
import { noBrowser, startBrowser } from '../test/support/browser.ts'
import { fakeIo } from '../test/support/fake-io.ts'

const TO = 'docs/images'
const JOB = '{job="template-job"}'

interface Shot {
  readonly name: string
  readonly path: string
  readonly dark?: boolean
  readonly narrow?: boolean
  /** Seen when there is something to see. */
  readonly ready: string
  readonly before?: (page: Page) => Promise<void>
}

const explore = (query: string, more = ''): string => `/?view=explore&q=${encodeURIComponent(query)}${more}`
const component = 'transactions.pipeline.prod/loki.process.transactions'

const SHOTS: readonly Shot[] = [
  { name: 'explore', path: explore(JOB, '&by=status'), ready: '.line' },
  {
    name: 'explore-details-dark',
    path: explore(`${JOB} |= "Insufficient"`, '&by=method'),
    dark: true,
    ready: '.line',
    before: async (page) => {
      await page.locator('.line-head').nth(2).click()
      await page.locator('.fields').first().waitFor()
    },
  },
  {
    name: 'explore-metric',
    path: explore(`sum by (status) (count_over_time(${JOB}[5m]))`),
    ready: '.series li',
  },
  {
    name: 'explore-narrow',
    path: explore(JOB, '&by=status&live=1'),
    narrow: true,
    dark: true,
    ready: '.line',
  },
  {
    name: 'pipeline',
    path: `/?view=pipeline&component=${encodeURIComponent(component)}`,
    ready: '.edge.flows text',
  },
  {
    name: 'tap',
    path: `/?view=tap&component=${encodeURIComponent(component)}&stages=1`,
    ready: '.line:nth-child(1)',
    before: async (page) => {
      await page.waitForTimeout(3000)
      await page.locator('.line-head').nth(2).click()
      await page.locator('.step').first().waitFor()
    },
  },
  {
    name: 'failures-dark',
    path: '/?view=failures',
    dark: true,
    ready: '.group-head',
    before: async (page) => {
      await page.locator('.group-head').first().click()
      const editor = page.getByRole('textbox', { name: 'The stage' })
      await editor.waitFor()
      const health = 'stage.regex {\n\texpression = `^\\S+\\s+(?P<method>GET) /health (?P<code>\\d+)`\n}\n'
      await editor.fill(`${await editor.inputValue()}\n${health}`)
      await page.getByRole('button', { name: /^Try on/ }).click()
      await page.locator('.outcome').waitFor()
    },
  },
  { name: 'account-dark', path: '/?view=account', dark: true, ready: '.box.delivered' },
]

interface Look {
  readonly name: string
  readonly dark: boolean
  readonly width: number
  readonly height: number
}

const LOOKS: readonly Look[] = [
  { name: '360', dark: false, width: 360, height: 740 },
  { name: '360-dark', dark: true, width: 360, height: 740 },
  { name: '1280', dark: false, width: 1280, height: 800 },
  { name: '1280-dark', dark: true, width: 1280, height: 800 },
  { name: '2560', dark: false, width: 2560, height: 1300 },
]

if (noBrowser !== false) throw new Error(noBrowser)
const folder = mkdtempSync(join(tmpdir(), 'logstream-screenshots-'))
const log = join(folder, 'transactions.log')
const next = transactionSource({ seed: 7, badShare: 0.03 })
const service = await start()
const timer = setInterval(
  () => appendFileSync(log, Array.from({ length: 20 }, () => `${next(Date.now())}\n`).join('')),
  100,
)
try {
  await pushAnHour(storeUrl(service))
  mkdirSync(TO, { recursive: true })
  const browser = await startBrowser()
  const { values, positionals: wanted } = parseArgs({
    options: { looks: { type: 'string' } },
    allowPositionals: true,
  })
  // Charts need two readings of the metrics, 15 s apart.
  await after(20_000)
  for (const shot of SHOTS) {
    if (wanted.length > 0 && !wanted.includes(shot.name)) continue
    if (values.looks === undefined) await take(shot, ownLook(shot), `${TO}/page-${shot.name}.png`)
    else for (const look of LOOKS) await take(shot, look, `${values.looks}/${shot.name}-${look.name}.png`)
  }
  await browser.close()

  async function take({ path, ready, before }: Shot, look: Look, file: string): Promise<void> {
    const { width, height, dark } = look
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
    })
    await page.goto(`${service.url}${path}`)
    await page.locator(ready).first().waitFor()
    await before?.(page)
    // The editor comes after the page, and rates need two answers.
    await page.waitForTimeout(5000)
    await page.screenshot({ path: file })
    await page.close()
  }
} finally {
  clearInterval(timer)
  await service.stop()
  rmSync(folder, { recursive: true, force: true })
}

function ownLook({ dark = false, narrow = false }: Shot): Look {
  return { name: '', dark, width: narrow ? 360 : 1280, height: narrow ? 740 : 800 }
}

async function start(): Promise<Service> {
  const store = await demoStore(true)
  if (store === undefined) throw new Error('npm install @duckdb/node-api first')
  const io = fakeIo('', {
    TRANSACTIONS_LOG: log,
    APPLICATION_LOG: join(folder, 'application.log'),
    LOKI_URL: `${store.url}/loki/api/v1/push`,
  })
  appendFileSync(log, '')
  return await startService(
    {
      path: 'examples/transactions/config.alloy',
      listen: '127.0.0.1:0',
      storagePath: join(folder, 'data'),
      stability: 'generally-available',
      more: [store.config],
    },
    io,
    true,
  )
}

function storeUrl({ supervisor }: Service): string {
  const store = supervisor.components().find(({ name }) => name === 'loki.store')!
  return (store.status as { readonly url: string }).url
}

/** More lines around two moments, so that the histogram has a shape. */
async function pushAnHour(url: string): Promise<void> {
  const streams = new Map<string, [string, string][]>()
  const now = Date.now()
  for (let i = 0; i < 9000; i++) {
    const share = (Math.sin(i * 12.9898) * 43_758.5453) % 1
    const wave = 0.5 + 0.28 * Math.sin((i / 9000) * 9)
    const at = Math.round(now - 3_500_000 * Math.abs((i / 9000) * 0.6 + Math.abs(share) * wave * 0.5))
    const line = next(at)
    const [, , , , method, , status, code] = line.split('|')
    const labels =
      code === undefined
        ? { job: 'template-job', parse_status: 'failed' }
        : { job: 'template-job', parse_status: 'success', method, status, code }
    const key = JSON.stringify(labels)
    streams.set(key, [...(streams.get(key) ?? []), [`${at}${String(i).padStart(6, '0')}`, line]])
  }
  const body = [...streams].map(([key, values]) => ({
    stream: JSON.parse(key) as object,
    values: values.sort(([a], [b]) => (a < b ? -1 : 1)),
  }))
  const answer = await fetch(`${url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: body }),
  })
  if (!answer.ok) throw new Error(`the store answered ${answer.status}: ${await answer.text()}`)
}
