/** A hundred thousand lines in the list: it stays quick, and only what is in sight exists. */
import t from 'tap'
import { noBrowser } from '../../support/browser.ts'
import { closeBrowser, exploring, openPage, pageService } from '../../support/page.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const LINES = 100_000

void t.test('100,000 lines are scrolled', { skip: noBrowser }, async (tap) => {
  const service = await pageService(tap)
  for (let from = 0; from < LINES; from += 20_000)
    await service.push(
      { job: 'many' },
      Array.from({ length: 20_000 }, (_, i) => ({
        text: `line ${from + i} of a hundred thousand, level=${i % 50 === 0 ? 'error' : 'info'} took=${i}ms`,
        ago: 600_000 - Math.floor(((from + i) * 500_000) / LINES),
      })),
    )
  const { page, complaints } = await openPage(tap, service, exploring('{job="many"}'))
  await page.locator('.line').first().waitFor()
  const scroll = async (): Promise<void> =>
    await page.locator('.virtual').evaluate((box) => box.scrollTo({ top: box.scrollHeight }))
  const count = page.locator('.bar [role=status]')
  for (let tries = 0; tries < 40 && !(await count.textContent())!.startsWith('100,000 lines'); tries++) {
    const before = await count.textContent()
    await scroll()
    await count.and(page.locator(`:not(:text-is(${JSON.stringify(before)}))`)).waitFor()
  }
  tap.match(await count.textContent(), /^100,000 lines/)
  // Through all of them in steps of five screens; what counts is how long each frame takes.
  const frames = await page.locator('.virtual').evaluate(async (box) => {
    const times: number[] = []
    for (let i = 0; i < 120; i++) {
      const began = performance.now()
      box.scrollTop = (i * box.scrollHeight) / 120
      await new Promise<void>((resolve) =>
        box.ownerDocument.defaultView!.requestAnimationFrame(() => setTimeout(resolve)),
      )
      times.push(performance.now() - began)
    }
    return times.sort((a, b) => a - b)
  })
  const median = frames[Math.floor(frames.length / 2)]!
  tap.comment(`a frame: median ${median.toFixed(1)} ms, slowest ${frames.at(-1)!.toFixed(1)} ms`)
  tap.ok(median < 50, `the median frame takes ${median.toFixed(1)} ms`)
  await page.locator('.virtual').evaluate((box) => box.scrollTo({ top: 0 }))
  await page.locator('.line .text').getByText('line 99999 of').waitFor()
  tap.ok((await page.locator('.line').count()) < 120, 'only the rows in sight exist')
  tap.same(complaints, [])
})
