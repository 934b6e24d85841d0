/** Alerts in a real browser: rules with their state, the way to Explore, what fails. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { findings, sideways } from '../../support/axe.ts'
import { noBrowser } from '../../support/browser.ts'
import { closeBrowser, openPage, pageService, type PageService } from '../../support/page.ts'
import { storeFolder } from '../../support/store-harness.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const RULES = `groups:
  - name: shop
    interval: 1s
    rules:
      - record: app:lines
        expr: sum by (app) (count_over_time({app="shop"}[1h]))
      - alert: Quiet
        expr: sum by (app) (count_over_time({app="none"}[1h])) > 0
      - alert: Waiting
        expr: sum by (app) (count_over_time({app="shop"}[1h])) > 0
        for: 1h
      - alert: Broken
        expr: sum by (x) (count_over_time({app="shop"} | json [1h])) > 0
      - alert: Errors
        expr: sum by (app) (count_over_time({app="shop"} |= "error" [1h])) > 0
        labels: { severity: page }
        annotations: { summary: "<img src=x onerror=window.caught=1> {{ $value }}" }
`

async function started(tap: Test): Promise<PageService> {
  const folder = await storeFolder((run) => tap.teardown(run))
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'web.yaml'), RULES)
  const other = `loki.store "ruled" {
	path = "${folder}/store"
	http {
		listen_port = 0
	}
	rules {
		path = "${folder}/rules"
	}
}
loki.source.api "in" {
	http {
		listen_port = 0
	}
	forward_to = [loki.store.ruled.receiver]
}
`
  const service = await pageService(tap, other)
  const status = service.service.supervisor
    .components()
    .find(({ fullId }) => fullId === 'loki.store.ruled')!.status
  const { url } = status as { readonly url: string }
  const values = ['an error', 'sold'].map((text, i) => [`${Date.now() - i}000000`, text])
  const answer = await fetch(`${url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream: { app: 'shop' }, values }] }),
  })
  tap.equal(answer.status, 204)
  return { ...service, store: url }
}

const VIEW = '/?view=alerts&source=loki.store.ruled'

void t.test(
  'the firing ones first, with labels, value and the way to Explore',
  { skip: noBrowser },
  async (tap) => {
    const service = await started(tap)
    const { page, complaints } = await openPage(tap, service, VIEW)
    const firing = page.locator('.rule[aria-label=Errors]')
    await firing.locator('.chip', { hasText: 'firing' }).waitFor({ timeout: 20_000 })
    const names = await page.locator('.rule-head strong').allTextContents()
    tap.same(names, ['Errors', 'Broken', 'Waiting', 'app:lines', 'Quiet'])
    tap.match(
      await page.locator('p.soft[role=status]').textContent(),
      '1 firing, 1 pending, 5 rules, 1 of them failed',
    )
    tap.match(
      await firing.locator('.alert').textContent(),
      /^firingfor \d+ s1<img src=x onerror=window\.caught=1> 1app=shopseverity=page$/,
    )
    tap.match(
      await firing.locator('.rule-head').textContent(),
      /web \/ shop.*every \d s, last \d\d:\d\d:\d\d in \d+ ms/,
    )
    tap.match(
      await page.locator('.rule[aria-label=Broken]').locator('.mistake').textContent(),
      /JSONParserErr/,
    )
    tap.match(await page.locator('.rule[aria-label=Waiting]').locator('.alert').textContent(), /^pending/)
    await firing.locator('.expression').click()
    await page.locator('.metric').waitFor()
    tap.match(new URL(page.url()).searchParams.get('q'), /^sum by \(app\)/)
    tap.equal(await page.evaluate('typeof caught'), 'undefined')
    tap.same(complaints, [])
  },
)

void t.test('a source without rules, and the page of a store', { skip: noBrowser }, async (tap) => {
  const service = await started(tap)
  const { page, complaints } = await openPage(tap, service, '/?view=alerts&source=loki.store.here')
  await page.locator('.empty', { hasText: 'No rules.' }).waitFor()
  await page.getByLabel('Source').selectOption('loki.store.ruled')
  await page.locator('.rule').first().waitFor()
  await page.goto(`${service.store}/?view=alerts`)
  await page.locator('.rule[aria-label=Errors]').locator('.chip', { hasText: 'firing' }).waitFor()
  tap.same(complaints, [])
})

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)
  void t.test(`axe finds nothing: ${colorScheme}, ${width} pixels`, { skip: noBrowser }, async (tap) => {
    const service = await started(tap)
    const { page } = await openPage(tap, service, VIEW, { colorScheme, width })
    await page.locator('.chip', { hasText: 'firing' }).waitFor({ timeout: 20_000 })
    tap.same(await findings(page), [])
    tap.ok((await sideways(page)) <= 0, 'nothing sticks out at the side')
  })
