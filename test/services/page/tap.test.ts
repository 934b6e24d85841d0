/** The tap in a real browser: entries of an edge as they pass, and stage by stage. */
import t from 'tap'
import { findings, sideways } from '../../support/axe.ts'
import { noBrowser } from '../../support/browser.ts'
import { closeBrowser, openPage } from '../../support/page.ts'
import { tappedService } from '../../support/tapped.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const STAGES = `
	stage.regex { expression = "^(?P<level>[a-z]+) " }
	stage.match {
		selector = "{job=\\"shop\\"} |= \\"error\\""
		stage.static_labels { values = {alert = "yes"} }
	}
	stage.drop { expression = "^debug" }`

void t.test('an edge is chosen, and its entries come', { skip: noBrowser }, async (tap) => {
  const service = await tappedService(tap, STAGES)
  const { page, complaints } = await openPage(tap, service, '/?view=tap')
  await page.getByRole('link', { name: 'loki.source.tcp.in → loki.process.shop' }).click()
  await page.locator('.dot.open').waitFor()
  tap.equal(new URL(page.url()).searchParams.get('component'), 'loki.source.tcp.in')
  await service.send('info first')
  await page.locator('.line', { hasText: 'info first' }).waitFor()
  await page.locator('.line-head').click()
  tap.match(await page.locator('.details').textContent(), /Labelsjobshop/)
  tap.match(await page.locator('.tail-state').textContent(), /paused/, 'what is read stays where it is')
  await service.send('info unseen')
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.locator('.dot.open').waitFor()
  await service.send('info second')
  await page.locator('.line', { hasText: 'info second' }).waitFor()
  tap.same(
    (await page.locator('.line .text').allTextContents()).filter((text) => text.includes('unseen')),
    [],
  )
  tap.same(complaints, [])
})

void t.test('stage by stage, what each of them did', { skip: noBrowser }, async (tap) => {
  const service = await tappedService(tap, STAGES)
  const { page, complaints } = await openPage(tap, service, '/?view=tap&component=loki.process.shop')
  await page.getByRole('button', { name: 'Stage by stage' }).click()
  await page.locator('.dot.open').waitFor()
  await service.send('error boom', 'debug gone')
  const failed = page.locator('.line', { hasText: 'error boom' })
  await failed.waitFor()
  await page.locator('.line[data-end=dropped]', { hasText: 'debug gone' }).waitFor()
  tap.same(await failed.locator('.stage').allTextContents(), ['1.regex', '2.match', '3.drop'])
  await failed.locator('.line-head').click()
  const steps = failed.locator('.step')
  await steps.first().waitFor()
  tap.match(await steps.allTextContents(), [
    /1\.regexextractedlevelerror/,
    /2\.match/,
    /1\.static_labelslabelalertyes/,
    /3\.drop/,
  ])
  tap.same(complaints, [])
})

void t.test('a page that cannot be seen asks for nothing', { skip: noBrowser }, async (tap) => {
  const service = await tappedService(tap, STAGES)
  const { supervisor } = service.service
  let watching = 0
  const watch = supervisor.watch.bind(supervisor)
  supervisor.watch = (id, watcher) => {
    const end = watch(id, watcher)
    watching++
    return () => {
      watching--
      end()
    }
  }
  const { page } = await openPage(tap, service, '/?view=tap&component=loki.echo.out')
  await page.locator('.dot.open').waitFor()
  tap.equal(watching, 1)
  await page.evaluate(
    `Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
  )
  await page.locator('.dot.hidden').waitFor()
  while (watching > 0) await page.waitForTimeout(20)
  await page.evaluate(`delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))`)
  await page.locator('.dot.open').waitFor()
  tap.equal(watching, 1)
})

void t.test('what is in entries stays text', { skip: noBrowser }, async (tap) => {
  const stages =
    'stage.logfmt { mapping = {markup = ""} }\nstage.labels { values = {markup = ""} }\nstage.structured_metadata { values = {__proto__ = "markup"} }'
  const service = await tappedService(tap, stages)
  const { page, complaints } = await openPage(tap, service, '/?view=tap&component=loki.process.shop&stages=1')
  await page.locator('.dot.open').waitFor()
  const evil = 'markup="<img src=x onerror=window.caught=1>" a \u202egnp.exe \u001b]0;title\u0007'
  await service.send(evil, 'x'.repeat(1_000_000))
  const line = page.locator('.line', { hasText: 'markup=' })
  await line.waitFor()
  await page.locator('.cut', { hasText: '1,000,000 characters' }).waitFor()
  await line.locator('.line-head').click()
  await line.locator('.step').first().waitFor()
  tap.match(await line.locator('.details').textContent(), '<img src=x onerror=window.caught=1>')
  tap.match(await line.locator('.details').textContent(), '__proto__')
  tap.match(await line.locator('.text').textContent(), '‹U+202E›')
  tap.equal(await page.locator('main img').count(), 0)
  tap.same(await page.evaluate('[typeof caught, typeof ({}).polluted, document.title]'), [
    'undefined',
    'undefined',
    'logstream',
  ])
  tap.same(complaints, [])
})

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)
  void t.test(`axe finds nothing: ${colorScheme}, ${width} pixels`, { skip: noBrowser }, async (tap) => {
    const service = await tappedService(tap, STAGES)
    const { page } = await openPage(tap, service, '/?view=tap', { colorScheme, width })
    await page.locator('.tap-points a').first().waitFor()
    tap.same(await findings(page), [])
    await page.getByRole('link', { name: 'loki.process.shop →' }).click()
    await page.getByRole('button', { name: 'Stage by stage' }).click()
    await page.locator('.dot.open').waitFor()
    await service.send('error boom', 'debug gone')
    await page.locator('.line-head', { hasText: 'error boom' }).click()
    await page.locator('.step').first().waitFor()
    tap.same(await findings(page), [])
    tap.ok((await sideways(page)) <= 0, 'nothing sticks out at the side')
  })
