/** Failures in a real browser: groups, an expression that is repaired there, dead letters. */
import { cp } from 'node:fs/promises'
import t from 'tap'
import { findings, sideways } from '../../support/axe.ts'
import { noBrowser } from '../../support/browser.ts'
import { closeBrowser, openPage, pageService } from '../../support/page.ts'
import { tappedService } from '../../support/tapped.ts'
import { tempDir } from '../../support/write-harness.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const STAGES = `
	stage.static_labels { values = {parse_status = "failed"} }
	stage.regex { expression = "^(?P<date>\\\\S+)\\\\|(?P<latency>\\\\d+)\\\\|(?P<code>\\\\d+)$" }
	stage.labels { values = {code = ""} }
	stage.match {
		selector = "{code=~\\".+\\"}"
		stage.static_labels { values = {parse_status = "success"} }
	}`

const PIPELINE = `
loki.source.tcp "in" {
	listen_port = 0
	labels      = {job = "shop"}
	forward_to  = [loki.process.shop.receiver]
}
loki.process "shop" {
	forward_to = [loki.echo.out.receiver]
${STAGES}
}
loki.echo "out" { }
`

const FAILED = { job: 'shop', parse_status: 'failed' }

void t.test('an expression is repaired and taken along', { skip: noBrowser }, async (tap) => {
  const service = await pageService(tap, PIPELINE)
  await service.push(FAILED, [
    ...['fast', 'slow', 'n/a'].map((latency, i) => ({ text: `2026|${latency}|200`, ago: 9000 + i })),
    { text: 'Traceback (most recent call last):', ago: 5000 },
  ])
  const { page, complaints } = await openPage(tap, service, '/?view=failures')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.locator('.failure-group').nth(1).waitFor()
  tap.match(
    await page.locator('p.soft[role=status]').textContent(),
    /^4 entries that failed in loki\.store\.here/,
  )
  tap.match(await page.locator('.group-head').allTextContents(), [
    /^3\(\?P<latency>\\d\+\) did not match "fast"2\.regex of loki\.process\.shop/,
    /^1.*Traceback/,
  ])
  await page.locator('.group-head').first().click()
  tap.match(await page.locator('.picture mark').allTextContents(), ['(?P<latency>\\d+)', 'fast'])
  const editor = page.getByRole('textbox', { name: 'The stage' })
  const text = await editor.inputValue()
  tap.match(text, /^stage\.regex \{\n\texpression = /)
  await editor.fill(text.replace('(?P<latency>', '(?P<latency'))
  await page.getByRole('button', { name: 'Try on 4 entries' }).click()
  await page.locator('.trial .mistake').waitFor()
  tap.match(
    await page.locator('.trial .mistake').textContent(),
    /the edited stage:2:\d+: error: .*named capture/,
  )
  await editor.fill(text.replace('\\\\d+)\\\\|(?P<code>', '[^|]+)\\\\|(?P<code>'))
  await page.getByRole('button', { name: 'Try on 4 entries' }).click()
  await page.locator('.outcome').waitFor()
  tap.match(
    await page.locator('.outcome').textContent(),
    /^3 of 4 would pass now; 1 would still fail:1.*Traceback/,
  )
  await page.getByRole('button', { name: 'Copy' }).first().click()
  await page.locator('.notice[data-shown=true]').waitFor()
  tap.match(
    await page.evaluate('navigator.clipboard.readText()'),
    /^stage\.regex \{\n\texpression = .*\[\^\|\]\+/,
  )
  const shared = page.url()
  await page.goto(shared)
  await page.locator('.failure-group.open .picture').first().waitFor()
  tap.same(complaints, [])
})

void t.test('other selectors, and what the process itself remembers', { skip: noBrowser }, async (tap) => {
  const service = await pageService(tap, PIPELINE)
  await service.push({ job: 'shop', level: 'error' }, [{ text: 'nothing at all', ago: 1000 }])
  const { page, complaints } = await openPage(tap, service, '/?view=failures')
  await page.locator('.empty', { hasText: 'No failures' }).waitFor()
  const selector = page.getByRole('textbox', { name: 'Selector' })
  await selector.fill('{level="error"}')
  await selector.press('Enter')
  await page.locator('.group-head', { hasText: 'nothing at all' }).waitFor()
  await selector.fill('{level=')
  await selector.press('Enter')
  await page.locator('.failure').waitFor()
  tap.same(complaints, [])

  const alone = await tappedService(tap, STAGES)
  await alone.send('not parsed')
  while (alone.service.supervisor.ledger.total('delivered') < 1)
    await new Promise((resolve) => setImmediate(resolve))
  const other = await openPage(tap, alone, '/?view=failures')
  await other.page.locator('.group-head', { hasText: 'not parsed' }).waitFor()
  tap.match(
    await other.page.locator('p.soft[role=status]').textContent(),
    /^1 entry that failed, as this process remembers them/,
  )
  tap.same(other.complaints, [])
})

void t.test("dead letters by Loki's reason", { skip: noBrowser }, async (tap) => {
  const storagePath = await tempDir(tap)
  await cp('fixtures/storage-0.1.0', storagePath, { recursive: true })
  const service = await tappedService(tap, STAGES, '', { storagePath })
  const { page, complaints } = await openPage(tap, service, '/?view=failures&kind=refused')
  await page.locator('.group-head').click()
  tap.match(await page.locator('.group-head').textContent(), /^3.*loki\.write\.w.*400 entry for stream/s)
  tap.equal(await page.locator('.entry-list li').count(), 3)
  tap.match(await page.locator('.entry-list summary').first().textContent(), /dead line \d/)
  tap.same(complaints, [])
})

void t.test('what is in failed lines stays text', { skip: noBrowser }, async (tap) => {
  const service = await pageService(tap, PIPELINE)
  const evil = '2026|<img src=x onerror="window.caught=1">\u202e\u001b]0;title\u0007|200'
  await service.push({ ...FAILED, markup: '<script>window.caught=2</script>' }, [
    { text: evil, ago: 3000, metadata: { ['__proto__']: 'own' } },
    { text: `2026|${'x'.repeat(60_000)}|200`, ago: 2000 },
    { text: `2026|${'x'.repeat(1024 * 1024)}|200`, ago: 1000 },
  ])
  const { page, complaints } = await openPage(tap, service, '/?view=failures')
  await page.locator('.group-head').first().click()
  await page.locator('.entry-list summary').first().click()
  await page.getByRole('button', { name: /^Try on/ }).click()
  await page.locator('.outcome').waitFor()
  tap.match(await page.locator('.entry-list').textContent(), '<img src=x onerror="window.caught=1">‹U+202E›')
  tap.match(await page.locator('.entry-list').textContent(), '__proto__=own')
  tap.ok((await page.locator('main').textContent())!.length < 40_000, 'long lines are cut')
  tap.equal(await page.locator('main img, main script').count(), 0)
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
    const service = await pageService(tap, PIPELINE)
    await service.push(FAILED, [
      { text: '2026|fast|200', ago: 3000 },
      { text: '2026|slow|x', ago: 2000 },
    ])
    const { page } = await openPage(tap, service, '/?view=failures', { colorScheme, width })
    await page.locator('.group-head').first().click()
    await page.getByRole('button', { name: /^Try on/ }).click()
    await page.locator('.outcome').waitFor()
    await page.locator('.entry-list summary').first().click()
    tap.same(await findings(page), [])
    tap.ok((await sideways(page)) <= 0, 'nothing sticks out at the side')
  })
