/** A running service with a store, some lines in it, and the page of it in a browser. */
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import type { ServiceOptions } from '../../lib/cli/run.ts'
import { adminService, type AdminService } from './admin-service.ts'
import { startBrowser } from './browser.ts'

export interface PageService extends AdminService {
  /** The store's own address. */
  readonly store: string
  /** Stores lines of one stream, as old as they say. */
  readonly push: (labels: Readonly<Record<string, string>>, lines: readonly PushedLine[]) => Promise<void>
}

export interface PushedLine {
  readonly text: string
  /** Milliseconds before now. */
  readonly ago: number
  readonly metadata?: Readonly<Record<string, string>>
}

const STORE =
  'loki.store "here" {\n\thttp {\n\t\tlisten_port = 0\n\t}\n\tlimits {\n\t\tmax_line_size = "2MiB"\n\t}\n}\n'

export async function pageService(
  tap: Test,
  more = '',
  options: Partial<ServiceOptions> = {},
): Promise<PageService> {
  const admin = await adminService(tap.testdir(), `logging { level = "error" }\n${STORE}${more}`, options)
  tap.teardown(() => admin.service.stop())
  const status = admin.service.supervisor
    .components()
    .find(({ fullId }) => fullId === 'loki.store.here')!.status
  const { url: store } = status as { readonly url: string }
  let last = 0
  const push: PageService['push'] = async (labels, lines) => {
    const values = lines.map(({ text, ago, metadata }) => {
      const ns = `${Date.now() - ago}${String(last++ % 1_000_000).padStart(6, '0')}`
      return metadata === undefined ? [ns, text] : [ns, text, metadata]
    })
    const answer = await fetch(`${store}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ streams: [{ stream: labels, values }] }),
    })
    if (!answer.ok) throw new Error(`push: ${answer.status} ${await answer.text()}`)
  }
  return { ...admin, store, push }
}

export interface OpenPage {
  readonly page: Page
  /** Errors on the console and thrown ones: refusals of the content security policy are among them. */
  readonly complaints: readonly string[]
}

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly httpCredentials?: { readonly username: string; readonly password: string }
}

let browser: Promise<Browser> | undefined

/** Opens the page at `path`, in a browser that all tests of a file share. */
export async function openPage(
  tap: Test,
  service: AdminService,
  path: string,
  look: Look = {},
): Promise<OpenPage> {
  browser ??= startBrowser()
  const { width = 1280, height = 800, colorScheme = 'light', httpCredentials } = look
  const context = await (
    await browser
  ).newContext({ viewport: { width, height }, colorScheme, httpCredentials, locale: 'en-GB' })
  tap.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (?:400|404)/.test(message.text()))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${service.service.url}${path}`)
  return { page, complaints }
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
  browser = undefined
}

/** The address of Explore with a query. */
export function exploring(query: string, more = ''): string {
  return `/?view=explore&q=${encodeURIComponent(query)}${more}`
}
