/** The pipeline in a real browser: the graph, a component, the config, and what is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { noBrowser } from '../../support/browser.ts'
import { closeBrowser, openPage, pageService } from '../../support/page.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const MORE = `
// a comment with planted-comment
loki.source.file "lines" {
	targets    = []
	forward_to = [loki.process.shop.receiver]
}
loki.process "shop" {
	forward_to = [loki.write.far.receiver]
	stage.static_labels {
		values = {"job" = "<b>shop</b>"}
	}
}
loki.write "far" {
	endpoint {
		url          = "http://127.0.0.1:9/loki/api/v1/push"
		bearer_token = "planted-token"
	}
}
`

void t.test('the graph leads to components, and secrets are nowhere', { skip: noBrowser }, async (tap) => {
  const service = await pageService(tap, MORE)
  const { page, complaints } = await openPage(tap, service, '/?view=pipeline')
  await page.locator('.node').nth(3).waitFor()
  tap.same((await page.locator('.node .label').allTextContents()).sort(), ['far', 'here', 'lines', 'shop'])
  tap.equal(await page.locator('.graph .edge').count(), 2)
  await page.locator('.node', { hasText: 'shop' }).click()
  await page.locator('.component .arguments').first().waitFor()
  tap.equal(new URL(page.url()).searchParams.get('component'), 'loki.process.shop')
  tap.match(
    await page.locator('.component').textContent(),
    /healthy.*for \d+ s.*stage\.static_labels.*"<b>shop<\/b>"/s,
  )
  await page.locator('.component a', { hasText: 'loki.write.far' }).click()
  await page.locator('.component .arguments', { hasText: 'bearer_token' }).first().waitFor()
  tap.match(await page.locator('.component').textContent(), /bearer_token = \(secret\)/)
  await page.locator('.component .facts a', { hasText: /config\.alloy:\d+$/ }).click()
  await page.locator('.config li.here', { hasText: 'loki.write "far"' }).waitFor()
  await page.locator('.config li a', { hasText: 'loki.process "shop"' }).waitFor()
  tap.match(await page.locator('.config').textContent(), /bearer_token = "\(secret\)"/)
  tap.notMatch(await page.locator('body').textContent(), /planted/)
  tap.equal(await page.locator('main b').count(), 0, 'markup in arguments stays text')
  tap.same(complaints, [])
})

void t.test(
  'a failed reload, and a process that is gone, are told on every view',
  { skip: noBrowser },
  async (tap) => {
    const service = await pageService(tap)
    const { page } = await openPage(tap, service, '/?view=account')
    await page.locator('.chip.good').waitFor()
    service.write('loki.nonsense "x" { }')
    await service.get('/-/reload', { method: 'POST' })
    await page.locator('.banner', { hasText: 'The last reload failed' }).waitFor()
    await page.locator('.banner summary').click()
    tap.match(await page.locator('.banner pre').textContent(), /loki\.nonsense/)
    await service.service.stop()
    await page.locator('.banner', { hasText: 'doesn’t answer' }).waitFor()
  },
)

void t.test('the store shows its own lines at its own address', { skip: noBrowser }, async (tap) => {
  const service = await pageService(tap)
  await service.push({ job: 'own' }, [{ text: 'at home', ago: 1000 }])
  const { page, complaints } = await openPage(tap, service, '/')
  await page.goto(`${service.store}/?q=${encodeURIComponent('{job="own"}')}`)
  await page.locator('.line').getByText('at home').waitFor()
  tap.same(await page.locator('nav a').allTextContents(), ['Explore', 'Alerts'])
  await page.getByRole('button', { name: 'Live' }).click()
  await page.locator('.dot.open').waitFor()
  tap.same(complaints, [])
})

void t.test(
  'what is dropped, what waits, and since when an endpoint takes nothing',
  { skip: noBrowser },
  async (tap) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
    tap.teardown(() => rmSync(folder, { recursive: true }))
    writeFileSync(`${folder}/lines.log`, 'level=info a\nlevel=debug <b>b</b>\nlevel=info c\n')
    const service = await pageService(
      tap,
      `
loki.source.file "lines" {
	targets    = [{ __path__ = "${folder}/lines.log" }]
	forward_to = [loki.process.some.receiver]
}
loki.process "some" {
	forward_to = [loki.write.far.receiver]
	stage.drop {
		expression          = "debug"
		drop_counter_reason = "too much detail"
	}
}
loki.write "far" {
	endpoint {
		url                 = "http://user:planted-password@127.0.0.1:9/loki/api/v1/push"
		batch_wait          = "100ms"
		min_backoff_period  = "50ms"
		max_backoff_retries = 1
	}
}
`,
    )
    const { page, complaints } = await openPage(tap, service, '/?view=pipeline')
    page.setDefaultTimeout(20_000)
    await page.locator('.pill.drops', { hasText: '▾ 1 dropped' }).waitFor()
    await page.locator('.pill.spool', { hasText: '▤ 2 on disk' }).waitFor()
    tap.same(await page.locator('.graph-legend li').count(), 6)
    await page.locator('.node', { hasText: 'far' }).click()
    await page.locator('.component .endpoints').getByText('takes nothing').waitFor()
    await page.locator('.component .past', { hasText: 'a push failed' }).waitFor()
    tap.match(
      await page.locator('.component .endpoints').textContent(),
      /takes nothing since \d\d:\d\d:\d\d .*ECONNREFUSED.*2 entries.*the oldest for \d+ s/s,
    )
    for (const view of ['explore', 'pipeline', 'account', 'tap', 'failures']) {
      await page.goto(`${service.service.url}/?view=${view}`)
      await page
        .locator('.banner', {
          hasText: /loki\.write\.far is unhealthy since \d\d:\d\d:\d\d \(.*takes nothing/,
        })
        .waitFor()
    }
    await page.goto(`${service.service.url}/?view=explore&q=%7Ba%3D%22b%22%7D&source=loki.write.far`)
    tap.notMatch(await page.locator('body').innerHTML(), /planted/, 'no credentials anywhere on the page')
    tap.same(
      complaints.filter((text) => !/502/.test(text)),
      [],
    )
  },
)
