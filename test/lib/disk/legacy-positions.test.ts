import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { importLegacy, parseLegacy } from '../../../lib/disk/legacy-positions.ts'
import { temporaryFolder, world } from '../components/loki.source.file/harness.ts'

const PROMTAIL = 'positions:\n  /var/log/a.log: "123"\n  journal-x: "s=1"\n  /var/log/b.log: "many"\n'
const ALLOY = 'positions:\n    ? path: /var/log/a.log\n      labels: \'{job="x"}\'\n    : "77"\n'

void t.test('reads what Promtail and Alloy write', async (t) => {
  t.match(await parseLegacy(PROMTAIL), [
    { path: '/var/log/a.log', labels: '{}', damaged: false, generations: [{ offset: 123, inode: '' }] },
    { path: '/var/log/b.log', labels: '{}', damaged: true, generations: [] },
  ])
  t.match(await parseLegacy(ALLOY), [
    { path: '/var/log/a.log', labels: '{job="x"}', generations: [{ offset: 77 }] },
  ])
  t.strictSame(await parseLegacy('positions:\n'), [])
  await t.rejects(parseLegacy('[]'), /a map "positions"/)
})

void t.test('takes the named file, else one of Alloy in the folder; a bad one is told', async (t) => {
  const folder = await temporaryFolder(t)
  const { ctx, logs } = world()
  t.strictSame(await importLegacy(folder, join(folder, 'none.yml'), ctx.log), [])
  await writeFile(join(folder, 'positions.yml'), ALLOY)
  t.match(await importLegacy(folder, undefined, ctx.log), [{ labels: '{job="x"}' }])
  await writeFile(join(folder, 'old.yml'), PROMTAIL)
  t.equal((await importLegacy(folder, join(folder, 'old.yml'), ctx.log)).length, 2)
  await writeFile(join(folder, 'old.yml'), '{')
  t.match(
    await importLegacy(folder, join(folder, 'old.yml'), ctx.log),
    [{ labels: '{job="x"}' }],
    'the next one',
  )
  t.ok(logs.some((line) => line.includes('cannot be taken over')))
})
