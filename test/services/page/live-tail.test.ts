/** A live tail of 2,000 lines a second: what it costs the agent, and that the page keeps up. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { noBrowser, startBrowser } from '../../support/browser.ts'
import { busyMachine } from '../../support/busy.ts'
import { startCommand } from '../../support/service.ts'
import { exploring } from '../../support/page.ts'

t.setTimeout(180_000)

const RATE = 2000
const WINDOW_MS = 15_000
/** `sysconf(_SC_CLK_TCK)` is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** CPU seconds of a process and its threads, since it started. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** The share of one core, in per cent, that the process takes over the next seconds. */
async function share(pid: number): Promise<number> {
  const began = performance.now()
  const before = cpuSeconds(pid)
  await after(WINDOW_MS)
  return (100 * 1000 * (cpuSeconds(pid) - before)) / (performance.now() - began)
}

const linux = process.platform === 'linux' ? noBrowser : 'CPU times are read from /proc'

interface Agent {
  readonly pid: number
  readonly url: string
}

/** An agent that reads a file, into which another process writes 2,000 lines a second, into its own store. */
async function startAgent(tap: Test): Promise<Agent> {
  const folder = tap.testdir({
    'config.alloy': `
loki.source.file "app" {
	targets    = [{ __path__ = "${tap.testdirName}/app.log", job = "live" }]
	forward_to = [loki.store.here.receiver]
}
loki.store "here" {
	http {
		listen_port = 0
	}
}
`,
    'app.log': '',
  })
  const writer = spawn(process.execPath, [
    '-e',
    `let n = 0; setInterval(() => {
      let text = ''
      for (let i = 0; i < ${RATE / 20}; i++) text += 'level=info msg="line ' + n++ + '" method=CashIn took=12ms code=200\\n'
      require('node:fs').appendFileSync(${JSON.stringify(`${folder}/app.log`)}, text)
    }, 50)`,
  ])
  tap.teardown(() => writer.kill())
  const service = startCommand([
    'run',
    `${folder}/config.alloy`,
    '--server.http.listen-addr=127.0.0.1:0',
    `--storage.path=${folder}/data`,
  ])
  tap.teardown(() => service.end('SIGTERM'))
  await service.said('msg=running')
  const url = /http=(\S+)/.exec(service.stderr())![1]!
  return { pid: service.child.pid!, url }
}

void t.test('what a page with a live tail costs the agent', { skip: linux }, async (tap) => {
  const skip = busyMachine()
  const { pid, url } = await startAgent(tap)
  const browser = await startBrowser()
  tap.teardown(() => browser.close())
  await after(5000)
  const closed = await share(pid)
  const page = await browser.newPage({ locale: 'en-GB' })
  await page.goto(`${url}${exploring('{job="live"}', '&live=1')}`)
  await page.locator('.dot.open').waitFor()
  await page.locator('.line').first().waitFor()
  await after(3000)
  const open = await share(pid)
  const rate = Number(/([\d,]+) lines\/s/.exec((await page.locator('.tail-state').textContent())!)![1])
  tap.equal(await page.locator('.tail-state .bad').count(), 0, 'no line was left out')
  await page.close()
  await after(2000)
  const again = await share(pid)
  tap.comment(
    `agent at ${RATE} lines/s: ${closed.toFixed(1)} % of a core before, ${open.toFixed(1)} % with a live tail, ` +
      `${again.toFixed(1)} % after; the page shows ${rate} lines/s`,
  )
  tap.ok(rate > 0.8 * RATE && rate < 1.2 * RATE, `${rate} lines/s on the page`, { skip })
  const cost = open - (closed + again) / 2
  tap.ok(cost < 5, `the page costs ${cost.toFixed(1)} % of a core`)
})

void t.test('lines go on coming while the page scrolls and pauses', { skip: linux }, async (tap) => {
  const { url } = await startAgent(tap)
  const browser = await startBrowser()
  tap.teardown(() => browser.close())
  const page = await browser.newPage({ locale: 'en-GB' })
  await page.goto(`${url}${exploring('{job="live"}', '&live=1')}`)
  await page.locator('.line').nth(10).waitFor()
  await after(6000)
  const newest = async (): Promise<number> =>
    Number(/line (\d+)/.exec((await page.locator('.line .text').first().textContent())!)![1])
  const before = await newest()
  await after(2000)
  const later = await newest()
  tap.ok(later - before > RATE, `${later - before} lines in two seconds`)
  await page.getByRole('button', { name: 'Pause' }).click()
  const paused = await newest()
  await after(1000)
  tap.equal(await newest(), paused)
  tap.ok((await page.locator('.line').count()) < 120, 'only the rows in sight exist')
})
