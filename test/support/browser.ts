/** Chromium for tests of the page: Debian's, or the one that `CHROMIUM` names; without one, the reason to skip. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PATHS = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

const found = PATHS.find((path) => path !== undefined && existsSync(path))

/** For tap's `skip`: `false` where the tests can run. */
export const noBrowser =
  found === undefined ? 'no Chromium here: apt-get install chromium, or set CHROMIUM=/path' : false

/** Nothing but this machine is asked for anything. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: found,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
