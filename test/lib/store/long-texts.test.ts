/** Long lines lie in files beside the database; queries and retention don't show it. */
import { execFile } from 'node:child_process'
import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { LongTexts } from '../../../lib/store/long-texts.ts'
import type { LogSelection } from '../../../lib/logql/engine/querier.ts'
import { parseLogExpression } from '../../../lib/logql/syntax/parse.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import { SILENT } from '../../../lib/telemetry/log.ts'
import { withFewFiles } from '../../support/few-files.ts'
import { openStore, push, SECONDS, select, selection, storeFolder } from '../../support/store-harness.ts'

const long = (text: string): string => text + 'ü'.repeat(5000)

void t.test('texts come back, also after a restart', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const texts = await LongTexts.open(folder, SILENT)
  t.equal(texts.column('short'), 'short')
  t.notOk(texts.any)
  const columns = ['a', 'b', '\ufdd0'].map((text) => texts.column(text === '\ufdd0' ? text : long(text)))
  await texts.flush()
  t.ok(columns.every((column) => column.length < 60))
  t.same(columns.map((column) => texts.text(column)), [long('a'), long('b'), '\ufdd0']) // prettier-ignore
  t.ok(texts.isSame(columns[0]!, long('a')) && !texts.isSame(columns[0]!, long('b')))
  texts.close()
  const again = await LongTexts.open(folder, SILENT)
  t.teardown(() => again.close())
  t.ok(again.any)
  t.equal(again.text(columns[1]!), long('b'))
  const other = again.column(long('c'))
  await again.flush()
  t.equal(again.text(other), long('c'))
  t.equal((await readdir(join(folder, 'long'))).length, 2, 'each opening has a file of its own')
  await again.keepOnly(new Set())
  t.match(again.text(columns[1]!), /^\[\d+ bytes of this line are missing: 000001.bin is damaged\]$/)
  t.equal(again.text('\ufdd0../../etc/passwd:0:10:0'), '\ufdd0../../etc/passwd:0:10:0', 'not a reference')
})

void t.test('a damaged file is named once, and the rest is served', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, [
    [long('one'), 1],
    ['two', 2],
  ])
  await truncate(join(folder, 'long', '000001.bin'), 10)
  t.match(
    (await select(store)).map(({ line }) => line),
    [/^\[10003 bytes of this line are missing/, 'two'],
  )
})

void t.test('filters, counts and repetitions', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const lines = [
    [`${long('x')} needle`, 1],
    ['needle', 2],
    [long('y'), 3],
    ['other 000001.bin', 4],
  ] as const
  await push(store, { app: 'a' }, lines)
  await push(store, { app: 'a' }, lines.slice(0, 2))
  t.equal(store.counts.repeats, 2)
  const chosen = async (stages: string, more: Partial<LogSelection> = {}): Promise<string[]> => {
    const [stage] = parseLogExpression(`{app="a"} ${stages}`).stages
    const filters = stage?.kind === 'line_filters' ? stage.filters : []
    return (await select(store, { filters, ...more })).map(({ line }) => line.replaceAll('ü', ''))
  }
  t.same(await chosen('|= "needle"'), ['x needle', 'needle'])
  t.same(await chosen('|= "needle"', { limit: 1 }), ['x needle'])
  t.same(await chosen('|= "000001.bin"'), ['other 000001.bin'], 'references are not searched')
  t.same(await chosen('!= "needle"'), ['y', 'other 000001.bin'])
  t.same(await chosen('|~ "^x"'), ['x needle'])
  t.same(await chosen('|> "x<_>needle"'), ['x needle'])
  const counts = storeQuerier(store).counts({
    ...selection(),
    filters: [{ operator: '|=', operands: [{ ip: false, text: 'needle' }] }],
    origin: { seconds: SECONDS - 1, nanos: 0 },
    step: 3_600_000_000_000n,
    byMetadata: false,
    bytes: true,
  })
  for await (const found of counts) t.match(found, [{ entries: 2, bytes: 10_001 + 7 + 6 }])
})

void t.test('long metadata', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const metadata = [['trace', 'z'.repeat(6000)]] as const
  await push(store, { app: 'a' }, [['line', 1, metadata]])
  await push(store, { app: 'a' }, [['line', 1, metadata]])
  t.equal(store.counts.repeats, 1)
  const [entry] = await select(store)
  t.same(new Map(entry?.metadata).get('trace'), 'z'.repeat(6000))
})

void t.test('retention deletes files that nothing refers to', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const first = await openStore(folder, { retention: 3_600_000 }, clock)
  await push(first, { app: 'a' }, [[long('old'), 0]])
  await first.close()
  const second = await openStore(folder, { retention: 3_600_000 }, clock)
  t.teardown(() => second.close())
  now += 4_000_000
  await push(second, { app: 'a' }, [[long('new'), 3000]])
  t.equal(await second.deleteOld(), 1)
  t.same(await readdir(join(folder, 'long')), ['000002.bin'])
  t.same(
    (await select(second)).map(({ line }) => line),
    [long('new')],
  )
})

void t.test('a disk that takes only a part of a text', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const script = fileURLToPath(new URL('../../support/long-text-writer.js', import.meta.url))
  // Half a mebibyte a file, in blocks of half or one kibibyte.
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -f 512; exec "$0" "$@"',
    process.execPath,
    script,
    folder,
  ])
  t.match(stdout, /EFBIG/)
  t.same(await readdir(join(folder, 'long')), [], 'it is tried again with another file')
})

void t.test('a text that cannot be read for want of file descriptors is not missing', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const script = new URL('../../support/long-text-reader.js', import.meta.url)
  t.match(await withFewFiles(script, folder), /^EMFILE: too many open files.*\n$/)
})
