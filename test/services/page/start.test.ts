/** `npm start`: the address of the page comes first, and lines are on the page within seconds. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import t from 'tap'
import { noBrowser, startBrowser } from '../../support/browser.ts'
import { busyMachine } from '../../support/busy.ts'
import { COMMAND } from '../../support/service.ts'

t.setTimeout(60_000)

const LONGEST_MS = 5000

void t.test('the first line of the log is on the page within 5 s', { skip: noBrowser }, async (tap) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } }
  tap.equal(scripts.start, 'node dist/bin/logstream.js demo')
  const skip = busyMachine()
  const browser = await startBrowser()
  tap.teardown(() => browser.close())
  const page = await browser.newPage({ locale: 'en-GB' })
  const began = performance.now()
  const child = spawn(process.execPath, [COMMAND, 'demo', '--server.http.listen-addr', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LOKI_URL: '' },
  })
  tap.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const output = createInterface(child.stdout)
  const [first] = (await once(output, 'line')) as [string]
  const told = performance.now() - began
  tap.match(first, /^http:\/\/127\.0\.0\.1:\d+\/ /)
  await page.goto(first.split(' ')[0]!)
  await page.locator('.line').first().waitFor({ timeout: 30_000 })
  const seen = performance.now() - began
  tap.comment(`the address after ${Math.round(told)} ms, a line on the page after ${Math.round(seen)} ms`)
  tap.ok(seen < LONGEST_MS, `a line after ${Math.round(seen)} ms`, { skip })
  tap.match(await page.locator('.line .text').first().textContent(), /\|/)
  tap.match(page.url(), /live=1/, 'it follows what comes')
})
