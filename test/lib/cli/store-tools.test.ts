/** `logstream store verify`, `compact`, `backup`, `restore` and `export`, as commands on a folder and beside a running store. */
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { StepClock } from '../../support/step-clock.ts'
import { openStore, push, SECONDS, select, StoreHarness, storeFolder } from '../../support/store-harness.ts'

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const io = fakeIo()
  const status = await main(['store', ...args], io)
  return { status, out: io.out(), err: io.err() }
}

void t.test('compact, verify and backup of a store that is stopped', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const [path, copy] = [join(folder, 'store'), join(folder, 'copy')]
  // The clock stands still: a second after the start, upkeep joins the files of days that are over.
  const store = await openStore(path, {}, new StepClock((SECONDS + 60) * 1000))
  const long = 'x'.repeat(5000)
  for (let i = 0; i < 4; i++) {
    await push(store, { app: 'a' }, [[`line ${i}`, i], [long, i + 0.5]]) // prettier-ignore
    await store.upkeep.sealNow()
  }
  await push(store, { app: 'b' }, [['not sealed yet', 9]])
  const lines = (await select(store)).map(({ line }) => line)
  await store.close()
  t.match(await run('verify', '--path', path), { status: 0, out: /^6 files, 9 entries, 0 files damaged\n$/ })
  t.match(await run('compact', '--path', path), { status: 0, out: /^4 sealed files became 1, / })
  t.match(await run('backup', '--path', path, copy), { status: 0, out: /^9 entries in 4 files, .* 4 of them new/ }) // prettier-ignore
  t.match(await run('backup', '--path', path, copy), { status: 0, out: / 0 of them new/ })
  t.match(await run('verify', '--path', copy), { status: 0, out: / 9 entries, 0 files damaged/ })
  const restored = await openStore(copy)
  t.same((await select(restored)).map(({ line }) => line), lines) // prettier-ignore
  t.equal((await push(restored, { app: 'c' }, ['new'])).status, 204)
  await restored.close()

  const day = join(copy, 'parquet', '2026-01-05')
  const parquet = (await readdir(day)).find((name) => name.endsWith('.parquet'))!
  await writeFile(join(day, parquet.replace('.parquet', '.idx')), 'not an index')
  t.match(await run('verify', '--path', copy), {
    status: 4,
    out: /its index .*idx can't be read\n.* 1 file damaged/,
  })
  const bytes = await readFile(join(day, parquet))
  bytes[Math.floor(bytes.length / 2)]! ^= 1
  await writeFile(join(day, parquet), bytes)
  t.match(await run('verify', '--path', copy), { status: 4, out: /\.parquet: it isn't what was written, / })
  await truncate(join(day, parquet), 100)
  t.match(await run('verify', '--path', copy), {
    status: 4,
    err: /a sealed file is damaged: it was set aside/,
    out: /\.parquet\.damaged: it was damaged and set aside/,
  })
})

void t.test('verify of files that an earlier release has sealed, without a checksum', async (t) => {
  const path = join(await storeFolder((run) => t.teardown(run)), 'store')
  const store = await openStore(path)
  await push(store, { app: 'a' }, ['one', ['two', 1]])
  await store.upkeep.sealNow()
  const [part] = store.database.files.manifest.parts
  await store.close()
  const manifest = join(path, 'manifest.json')
  const text = await readFile(manifest, 'utf8')
  const earlier = text.replace(/ *"sha256": "[0-9a-f]{64}",\n/, '')
  t.notMatch(earlier, /sha256/)
  await writeFile(manifest, earlier)
  t.match(await run('verify', '--path', path), { status: 0, out: / 2 entries, 0 files damaged/ })
  const bytes = await readFile(join(path, part!.file))
  await writeFile(join(path, part!.file), bytes.fill(0x5a, 4, bytes.length / 2))
  t.match(await run('verify', '--path', path), {
    status: 4,
    out: /\.parquet: it isn't what was written, 2 entries/,
  })
})

void t.test('backup of a running store', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const [path, copy] = [join(folder, 'store'), join(folder, 'copy')]
  const harness = new StoreHarness({ path })
  await harness.component.start!()
  t.teardown(() => harness.end())
  await push(harness.component.store!, { app: 'a' }, ['one'])
  t.match(await run('backup', '--path', path, '--url', harness.url, copy), { status: 0, out: /^1 entry / })
  await push(harness.component.store!, { app: 'a' }, [['two', 1]])
  t.match(await run('backup', '--path', path, '--url', harness.url, copy), { status: 0, out: /^2 entries/ })
  const restored = await openStore(copy)
  t.same((await select(restored)).map(({ line }) => line), ['one', 'two']) // prettier-ignore
  await restored.close()
  t.match(await run('backup', '--path', path, '--url', 'http://127.0.0.1:9', copy), { status: 1, err: /could not be asked to seal/ }) // prettier-ignore
})

void t.test('restore', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const [path, copy, restored] = ['store', 'copy', 'restored'].map((name) => join(folder, name)) as [string, string, string] // prettier-ignore
  const store = await openStore(path)
  await push(store, { app: 'a' }, ['one', ['secret', 1]])
  await store.deletions.add({ query: '{app="a"} |= "secret"', from: 0, to: Date.now() })
  await store.close()
  await mkdir(join(path, 'rules'))
  await writeFile(join(path, 'rules', 'shop.yaml'), 'groups: []\n')
  await run('backup', '--path', path, copy)
  t.match(await run('restore', '--path', restored, copy), {
    status: 0,
    out: /^2 entries .*\n.* 0 files damaged\n$/,
  })
  t.equal(await readFile(join(restored, 'rules', 'shop.yaml'), 'utf8'), 'groups: []\n')
  const opened = await openStore(restored)
  t.same((await select(opened)).map(({ line }) => line), ['one'], 'what was hidden stays hidden') // prettier-ignore
  await opened.close()
  t.match(await run('restore', '--path', restored, copy), { status: 1, err: /isn't empty/ })
  t.match(await run('restore', '--path', join(folder, 'new'), folder), {
    status: 1,
    err: /holds no sealed files/,
  })
})

void t.test('export', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const path = join(folder, 'store')
  const harness = new StoreHarness({ path })
  await harness.component.start!()
  t.teardown(() => harness.end())
  const store = harness.component.store!
  const long = `long ${'x'.repeat(5000)}`
  await push(store, { app: 'a' }, [['{"level":"warn","n":1}', 0.5, [['trace', 't1']]], [long, 1], ['\ufeffmark', 2]]) // prettier-ignore
  await push(store, { app: 'b' }, [['two', 3], ['secret', 4]]) // prettier-ignore
  await store.deletions.add({ query: '{app="b"} |= "secret"', from: 0, to: Date.now() })
  const of = (...args: string[]): ReturnType<typeof run> => run('export', '--path', path, '--url', harness.url, ...args) // prettier-ignore
  const rows = (text: string): unknown[] => text.trim().split('\n').map((line) => JSON.parse(line) as unknown) // prettier-ignore

  const all = await of()
  t.match(all, { status: 0, err: '4 entries\n' })
  t.match(rows(all.out), [
    { timestamp: '2026-01-05T10:00:00.5Z', labels: { app: 'a', service_name: 'a' }, metadata: { trace: 't1', detected_level: 'warn' }, line: '{"level":"warn","n":1}' },
    { line: long },
    { line: '\ufeffmark' },
    { timestamp: '2026-01-05T10:00:03Z', labels: { app: 'b' }, line: 'two' },
  ]) // prettier-ignore
  const some = await of('--query', '{app="a"} | json n', '--from', '2026-01-05T10:00:01Z', '--to', '2026-01-05T10:00:02Z') // prettier-ignore
  t.match(rows(some.out), [{ line: long }])

  const second = new StoreHarness({ path: join(folder, 'second') })
  await second.component.start!()
  t.teardown(() => second.end())
  for (const body of (await of('--output', 'push')).out.trim().split('\n')) {
    const headers = { 'content-type': 'application/json' }
    t.equal((await fetch(`${second.url}/loki/api/v1/push`, { method: 'POST', headers, body })).status, 204)
  }
  const entries = async (from: typeof store): Promise<unknown[]> =>
    (await select(from)).map(({ stream, line, seconds, nanos, metadata }) => [stream.text, line, seconds, nanos, metadata]) // prettier-ignore
  t.same(await entries(second.component.store!), await entries(store), 'pushed again they are the same')

  const target = join(folder, 'target')
  t.match(await of('--output', 'parquet', target), { status: 0 })
  const read = await store.database.use(async (connection) => {
    await copyFile(join(target, 'logs-000001.parquet'), join(path, 'x.parquet'))
    const from = `read_parquet('${join(path, 'x.parquet')}')`
    return await connection.runAndReadAll(`SELECT epoch_ns(time), labels->>'app', metadata->>'trace', strlen(line) FROM ${from}`) // prettier-ignore
  })
  t.same(read.getRows(), [
    [1_767_607_200_500_000_000n, 'a', 't1', 22n],
    [1_767_607_201_000_000_000n, 'a', null, 5005n],
    [1_767_607_202_000_000_000n, 'a', null, 7n],
    [1_767_607_203_000_000_000n, 'b', null, 3n],
  ])
  t.match(await of('--output', 'jsonl', target), { status: 0, out: '' })
  t.equal(await readFile(join(target, 'logs.jsonl'), 'utf8'), all.out)
  t.notOk(
    (await readdir(path)).some((name) => name.startsWith('export-')),
    'nothing is left',
  )
})

void t.test('export shows on a terminal how far it is', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const path = join(folder, 'store')
  const store = await openStore(path)
  await push(store, { app: 'a' }, ['one', ['two', 1]])
  await store.close()
  const onTerminal = async (...args: string[]): Promise<string> => {
    const fake = fakeIo()
    const stderr = Object.assign(fake.stderr, { isTTY: true, columns: 80 })
    // A pipe that takes nothing until the progress is there.
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        const look = setInterval(() => {
          if (!fake.err().includes('entries/s')) return
          clearInterval(look)
          done()
        }, 20)
      },
    })
    await main(['store', 'export', '--path', path, ...args], { ...fake, stdout, stderr })
    return fake.err()
  }
  t.match(await onTerminal(), /100% of 2 entries, at 2026-01-05T10:00Z, \d.*\r\u001b\[K2 entries\n$/s)
  // How many a query will find isn't known.
  t.match(
    await onTerminal('--query', '{app="a"} |= "one"'),
    /\u001b\[K[^%]*1 entries, at [^%]*\u001b\[K1 entry\n$/s,
  )
})

void t.test('a folder without a store is no empty store', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  for (const path of [folder, join(folder, 'mistyped')])
    for (const tool of [['verify'], ['compact'], ['backup', join(folder, 'copy')], ['export']])
      t.match(await run(...tool, '--path', path), {
        status: 1,
        out: '',
        err: /holds no store: name its folder/,
      })
  t.same(await readdir(folder), [])
})

void t.test('bad usage', async (t) => {
  t.match(await run('backup'), { status: 1, err: /takes one DIR/ })
  t.match(await run('verify', 'x'), { status: 1, err: /unexpected "x"/ })
  t.match(await run('verify', '--url', 'x'), { status: 1, err: /--url/ })
  t.match(await run('restore'), { status: 1, err: /takes one DIR that backup has filled/ })
  t.match(await run('export', '--output', 'csv'), { status: 1, err: /must be one of jsonl, push, parquet/ })
  t.match(await run('export', '--output', 'parquet'), { status: 1, err: /needs a DIR/ })
  t.match(await run('export', '--query', 'rate({a="b"}[1m])'), { status: 1, err: /./ })
  t.match(await run('export', '--from', 'now'), { status: 1, err: /could not parse 'from'/ })
})
