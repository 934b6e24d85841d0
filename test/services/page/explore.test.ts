/** Explore in a real browser, on a store with lines in it. */
import type { Page } from 'playwright-core'
import t from 'tap'
import { noBrowser } from '../../support/browser.ts'
import { closeBrowser, exploring, openPage, pageService } from '../../support/page.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const skip = noBrowser
const JOB = { job: 'shop' }

// Fewer than before: the first that is too many has gone.
async function linesAre(page: Page, count: number): Promise<void> {
  const lines = page.locator('.line')
  await lines.nth(count).waitFor({ state: 'detached' })
  await lines.nth(count - 1).waitFor()
}

void t.test('a query, its volume, and a click that narrows it', { skip }, async (tap) => {
  const service = await pageService(tap)
  await service.push({ ...JOB, zone: 'a' }, [
    { text: 'level=info msg="order placed"', ago: 60_000 },
    { text: 'level=error msg="card refused"', ago: 50_000, metadata: { trace: 'abc' } },
  ])
  await service.push({ ...JOB, zone: 'b' }, [{ text: 'level=info msg="order placed"', ago: 40_000 }])
  const { page, complaints } = await openPage(tap, service, exploring('{job="shop"} |= "e"'))
  await page.locator('.line').nth(2).waitFor()
  tap.same(await page.locator('.line .text').allTextContents(), [
    'level=info msg="order placed"',
    'level=error msg="card refused"',
    'level=info msg="order placed"',
  ])
  tap.equal(await page.locator('.line[data-level=error]').count(), 1)
  tap.match(await page.locator('mark').first().textContent(), 'e', 'what was searched is marked')
  tap.match((await page.locator('figcaption').textContent())!, /^3 lines.*error 1.*info 2/)

  await page.locator('.line[data-level=error] .line-head').click()
  tap.match(await page.locator('.details').textContent(), /zonea.*traceabc.*msgcard refused/)
  await page.getByRole('button', { name: 'Not zone = a' }).click()
  await linesAre(page, 1)
  const query = (): string | null => new URL(page.url()).searchParams.get('q')
  tap.equal(query(), '{job="shop", zone!="a"} |= "e"')
  await page.goBack()
  await linesAre(page, 3)
  tap.equal(query(), '{job="shop"} |= "e"', 'back is back')

  await page.locator('.line[data-level=error] .line-head').click()
  await page.getByRole('button', { name: 'Only level = error' }).click()
  await linesAre(page, 1)
  tap.equal(query(), '{job="shop"} |= "e" | logfmt | level="error"')
  tap.same(complaints, [])
})

void t.test('the keyboard, and a link to a line', { skip }, async (tap) => {
  const service = await pageService(tap)
  await service.push({ ...JOB, zone: 'a' }, [
    { text: 'one', ago: 60_000 },
    { text: 'two', ago: 50_000 },
    { text: 'three', ago: 40_000 },
  ])
  const { page, complaints } = await openPage(tap, service, exploring('{job="shop"}'))
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.locator('.line').nth(2).waitFor()
  await page.locator('[data-index="0"] .line-toggle').focus()
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter']) await page.keyboard.press(key)
  tap.match(await page.locator('.details .whole').textContent(), /^two/)
  await page.keyboard.press('/')
  tap.ok(await page.locator('.query :focus').count(), 'the query has the focus')
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.goto(await page.evaluate<string>('navigator.clipboard.readText()'))
  await page.locator('.line').nth(2).waitFor()
  tap.match(new URL(page.url()).searchParams.get('q'), 'job="shop", service_name="shop", zone="a"')
  tap.same(complaints, [])
})

void t.test('the editor completes, and says where a query is wrong', { skip }, async (tap) => {
  const service = await pageService(tap)
  await service.push({ ...JOB, zone: 'north' }, [{ text: 'x', ago: 1000 }])
  const { page, complaints } = await openPage(tap, service, '/?view=explore')
  await page.locator('.cm-content').click()
  await page.keyboard.type('{zo')
  await page.locator('.cm-tooltip-autocomplete').getByText('zone').click()
  await page.locator('.cm-tooltip-autocomplete').getByText('north').click()
  tap.equal(await page.locator('.cm-content').textContent(), '{zone="north"}')
  await page.keyboard.press('Enter')
  await page.locator('.line').waitFor()
  await page.keyboard.press('End')
  await page.keyboard.type(' | jsom')
  await page.keyboard.press('Escape')
  tap.match(await page.locator('.mistake').textContent(), /^22 syntax error: unexpected/)
  await page.keyboard.type(' x')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.locator('.failure').waitFor()
  tap.match(await page.locator('.failure').textContent(), /parse error at line 1, col/)
  tap.same(complaints, [])
})

void t.test('the nine queries of the reference', { skip }, async (tap) => {
  const service = await pageService(tap)
  for (const [status, method, parse] of [
    ['SUCCESS', 'CashIn', 'success'],
    ['FAILED', 'STP-OUT', 'success'],
    ['', '', 'failed'],
  ] as const)
    await service.push(
      { job: 'template-job', parse_status: parse, ...(status === '' ? {} : { status, method }) },
      [{ text: `a line with ${status}`, ago: 30_000 }],
    )
  const { page, complaints } = await openPage(tap, service, '/?view=explore')
  const examples = page.locator('.examples button')
  await examples.first().waitFor()
  tap.equal(await examples.count(), 9)
  const seen: string[] = []
  for (let i = 0; i < 9; i++) {
    await page.goto(`${service.service.url}/?view=explore&from=now-15m`)
    await examples.nth(i).click()
    await page.locator('.line, .series li, .failure').first().waitFor()
    const lines = await page.locator('.line').count()
    seen.push(lines > 0 ? `${lines} lines` : `${await page.locator('.series li').count()} series`)
  }
  tap.same(seen, [
    '3 lines',
    '1 lines',
    '1 lines',
    '1 lines',
    '1 lines',
    '2 series',
    '1 series',
    '3 series',
    '1 series',
  ])
  await page.getByRole('button', { name: 'Table' }).click()
  tap.equal(await page.locator('tbody tr').count(), 1)
  tap.same(complaints, [])
})

void t.test('a live tail, paused and resumed', { skip }, async (tap) => {
  const service = await pageService(tap)
  const { page, complaints } = await openPage(tap, service, exploring('{job="shop"}', '&live=1'))
  await page.locator('.dot.open').waitFor()
  await service.push(JOB, [{ text: 'first', ago: 0 }])
  await page.locator('.line').getByText('first').waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await service.push(JOB, [{ text: 'second', ago: 0 }])
  await page.getByRole('button', { name: 'Resume (1 new)' }).click()
  await page.locator('.line').getByText('second').waitFor()
  tap.same(await page.locator('.line .text').allTextContents(), ['second', 'first'])
  tap.same(complaints, [])
})

void t.test('what is in lines stays text', { skip }, async (tap) => {
  const service = await pageService(tap)
  const evil = '<img src=x onerror="window.caught=1"><script>window.caught=2</script>'
  await service.push({ job: 'evil', markup: evil }, [
    { text: evil, ago: 5000, metadata: { constructor: 'c', ['__proto__']: 'own' } },
    { text: '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}', ago: 4000 },
    { text: '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u001b[38;2;1;2;3mtrue\u001b[2J end', ago: 3000 },
    { text: 'a \u202egnp.exe\u202c b\u0000c\u200d', ago: 2000 },
    { text: `long ${'x'.repeat(1024 * 1024)}`, ago: 1000 },
  ])
  const { page, complaints } = await openPage(
    tap,
    service,
    exploring('{job="evil"}', '&order=oldest&columns=markup'),
  )
  await page.locator('.line').nth(4).waitFor()
  const texts = await page.locator('.line .text').allTextContents()
  tap.equal(texts[0], evil)
  tap.equal(texts[2], 'red  true end')
  tap.equal(texts[3], 'a ‹U+202E›gnp.exe‹U+202C› b␀c‹U+200D›')
  tap.ok(texts[4]!.length < 3000, 'a long line is cut until it is opened')
  for (let i = 4; i >= 0; i--) await page.locator('.line').nth(i).locator('.line-head').click()
  await page.locator('.line').nth(0).locator('.details').waitFor()
  tap.equal(await page.locator('main img, main script, main iframe').count(), 0)
  tap.same(await page.evaluate('[typeof caught, typeof ({}).polluted, document.title]'), [
    'undefined',
    'undefined',
    'logstream',
  ])
  tap.match(await page.locator('.details').first().textContent(), '__proto__')
  tap.same(complaints, [])
})
