/** axe (https://github.com/dequelabs/axe-core) over every view, in light and dark, wide and narrow. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { findings, sideways } from '../../support/axe.ts'
import { noBrowser } from '../../support/browser.ts'
import { closeBrowser, exploring, openPage, pageService } from '../../support/page.ts'

t.teardown(closeBrowser)
t.setTimeout(120_000)

const VIEWS: readonly { readonly path: string; readonly ready: string }[] = [
  { path: '/?view=explore', ready: '.examples' },
  { path: exploring('{job="shop"}'), ready: '.line' },
  { path: exploring('{job="shop"} | nonsense'), ready: '.failure' },
  { path: exploring('sum by (level) (count_over_time({job="shop"} | logfmt [1m]))'), ready: '.series' },
  { path: '/?view=pipeline&component=loki.process.p', ready: '.component .arguments' },
  { path: '/?view=pipeline&component=loki.write.far&config=all', ready: '.pill.spool' },
  { path: '/?view=account', ready: '.sinks .bad' },
]

/** Something dropped, something on disk, an endpoint that is down, and metrics of the config. */
function pipelineWithTrouble(log: string): string {
  return `
loki.source.file "app" {
	targets       = [{ __path__ = "${log}", job = "app" }]
	forward_to    = [loki.process.p.receiver]
}
loki.process "p" {
	forward_to = [loki.write.far.receiver]
	stage.logfmt {
		mapping = { level = "", latency = "" }
	}
	stage.drop {
		source = "level"
		value  = "debug"
	}
	stage.metrics {
		metric.histogram {
			name    = "latency"
			buckets = [50, 100]
		}
	}
}
loki.write "far" {
	endpoint {
		url                 = "http://127.0.0.1:9/loki/api/v1/push"
		batch_wait          = "100ms"
		min_backoff_period  = "50ms"
		max_backoff_retries = 1
	}
}
`
}

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)
  void t.test(`${colorScheme}, ${width} pixels wide`, { skip: noBrowser }, async (tap) => {
    const folder = await mkdtemp(join(tmpdir(), 'accessible-'))
    tap.teardown(() => rm(folder, { recursive: true }))
    await writeFile(`${folder}/app.log`, 'level=info latency=12\nlevel=error latency=70\nlevel=debug\n')
    const service = await pageService(tap, pipelineWithTrouble(`${folder}/app.log`))
    await service.push({ job: 'shop' }, [
      { text: 'level=info msg="order placed"', ago: 60_000 },
      { text: 'level=error msg="\u001b[31mcard\u001b[0m refused"', ago: 50_000 },
      { text: 'level=warn msg=slow', ago: 40_000 },
    ])
    for (const { path, ready } of VIEWS) {
      const { page, complaints } = await openPage(tap, service, path, { colorScheme, width })
      await page.locator(ready).first().waitFor()
      if (ready === '.line') await page.locator('.line-head').first().click()
      await page.locator('.cm-content, h1').first().waitFor()
      tap.same(await findings(page), [], path)
      tap.same(complaints, [], path)
      tap.ok((await sideways(page)) <= 0, 'nothing sticks out at the side')
    }
  })
