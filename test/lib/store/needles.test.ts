/** What a search leaves out: files and streams without the text. */
import t from 'tap'
import { conditionsOf } from '../../../lib/store/conditions.ts'
import { mayHold } from '../../../lib/store/needles.ts'
import { spanOf } from '../../../lib/store/query-rows.ts'
import { filesOf } from '../../../lib/store/sealed/source.ts'
import type { LineFilterOperator } from '../../../lib/logql/syntax/ast.ts'
import { openStore, push, select, selection, storeFolder } from '../../support/store-harness.ts'

void t.test('streams and files that are read', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const calm = Array.from({ length: 20 }, (_, i) => [`GET /cart ${i} fine`, i] as const)
  await push(store, { app: 'a' }, calm)
  await push(store, { app: 'b' }, calm)
  await push(store, { app: 'c' }, [
    ['payment refused: no funds', 3],
    ['Gateway TIME-OUT', 4],
  ])
  await store.upkeep.sealNow()
  await push(store, { app: 'd' }, [...calm, ['x'.repeat(5000) + ' refused', 30]])
  await store.upkeep.sealNow()
  t.equal(store.database.files.manifest.parts.length, 2)

  const search = async (operator: LineFilterOperator, text: string) => {
    const filters = [{ operator, operands: [{ ip: false, text }] }]
    const all = selection({ filters })
    const conditions = (await conditionsOf(store, all, filters))!
    const span = spanOf(all)
    const { parts, ids } = await mayHold(
      store,
      filesOf(store.database.files.manifest, span),
      span,
      conditions.needles,
    )
    const apps = ids?.map((id) => store.streams.byId(id)!.labels.get('app')).sort()
    return { files: parts.length, apps, lines: (await select(store, { filters })).length }
  }
  t.strictSame(await search('|=', 'no funds'), { files: 1, apps: ['c'], lines: 1 })
  t.strictSame(await search('|~', '(?i)time-?out'), { files: 1, apps: ['c'], lines: 1 })
  t.strictSame(
    await search('|=', 'refused'),
    { files: 2, apps: ['c', 'd'], lines: 2 },
    'a long line is elsewhere',
  )
  t.strictSame(
    await search('|=', 'fine'),
    { files: 2, apps: undefined, lines: 60 },
    'nearly all streams have it',
  )
  t.strictSame(await search('|=', 'zebra'), { files: 0, apps: [], lines: 0 })
  t.strictSame(await search('!=', 'no funds'), { files: 2, apps: undefined, lines: 62 })
  t.strictSame(await search('|=', ' 7 '), { files: 2, apps: undefined, lines: 3 })
})
