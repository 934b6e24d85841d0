/** The account in a real browser: the flow, what waits, dead letters sent again, and the charts. */
import { cp, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { adminService, type AdminService } from '../../support/admin-service.ts'
import { noBrowser } from '../../support/browser.ts'
import { startFakeLoki, type FakeLoki } from '../../support/fake-loki.ts'
import { closeBrowser, openPage } from '../../support/page.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const USERS = `http {
	auth {
		basic {
			username = "admin"
			password = "a"
		}
		read_only {
			username = "guest"
			password = "g"
		}
	}
}
`

async function withLetters(tap: Test, more = ''): Promise<AdminService & { loki: FakeLoki }> {
  const folder = tap.testdir()
  await cp('fixtures/storage-0.1.0', `${folder}/data`, { recursive: true })
  await writeFile(
    `${folder}/lines.log`,
    'latency=20 status=SUCCESS\nlatency=70 status=FAILED\nlatency=x debug\n',
  )
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const service = await adminService(
    folder,
    `logging { level = "error" }
loki.source.file "lines" {
	targets    = [{ __path__ = "${folder}/lines.log" }]
	forward_to = [loki.process.pay.receiver]
}
loki.process "pay" {
	forward_to = [loki.write.w.receiver]
	stage.drop {
		expression          = "debug"
		drop_counter_reason = "<b>detail</b>"
	}
}
loki.write "w" {
	endpoint {
		url        = "${loki.url}/loki/api/v1/push"
		batch_wait = "100ms"
	}
}
${more}`,
  )
  tap.teardown(() => service.service.stop())
  return { ...service, loki }
}

void t.test(
  'the flow, and dead letters that are sent again after a question',
  { skip: noBrowser },
  async (tap) => {
    const service = await withLetters(tap)
    const { page, complaints } = await openPage(tap, service, '/?view=account')
    await page.locator('.box.delivered').first().waitFor()
    tap.match(
      await page.locator('.flow').textContent(),
      /loki\.source\.file\.lines3.*read3.*delivered2.*dropped: .*1.*loki\.write\.w2/s,
    )
    tap.equal(await page.locator('main b').count(), 0, 'markup in reasons stays text')
    const letters = page.locator('.letters')
    tap.match(await letters.textContent(), /loki\.write\.w3 wait/)
    const sent = (): number => service.loki.entries().filter(({ line }) => line.startsWith('dead')).length
    await page.getByRole('button', { name: 'Send again…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    tap.equal(sent(), 0, 'not without a yes')
    await page.getByRole('button', { name: 'Send again…' }).click()
    await page.keyboard.press('Escape')
    tap.equal(sent(), 0)
    await page.getByRole('button', { name: 'Send again…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
    await letters.getByText('0 wait').waitFor()
    tap.equal(sent(), 3)
    await page.getByText('charts come with the second reading').waitFor()
    tap.same(complaints, [])
  },
)

void t.test('a read-only user sees it all and finds no button', { skip: noBrowser }, async (tap) => {
  const service = await withLetters(tap, USERS)
  const { page } = await openPage(tap, service, '/?view=account', {
    httpCredentials: { username: 'guest', password: 'g' },
  })
  await page
    .locator('.letters')
    .getByText(/"guest" may look and not act/)
    .waitFor()
  tap.equal(await page.getByRole('button', { name: 'Send again…' }).count(), 0)
  const status = await page.evaluate(
    async () =>
      (await fetch('api/v0/logstream/dead-letters/replay?component=loki.write.w', { method: 'POST' })).status,
  )
  tap.equal(status, 403)
  tap.equal(service.loki.entries().filter(({ line }) => line.startsWith('dead')).length, 0)
})
