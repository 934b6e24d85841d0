/** Opening: missing files, folders in use, and the remains of a crash. */
import { execFile, spawn } from 'node:child_process'
import { open, readdir, stat, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { loadDuckDB } from '../../../lib/store/database.ts'
import { databaseInstall } from '../../../lib/store/install-hint.ts'
import { withFewFiles } from '../../support/few-files.ts'
import { openStore, push, select, storeFolder } from '../../support/store-harness.ts'
import { StepClock } from '../../support/step-clock.ts'
import { killRound } from '../../support/store-kill.ts'

void t.test('without the package, or when it does not load, the refusal says what to do', async (t) => {
  const missing = loadDuckDB(() =>
    Promise.reject(
      Object.assign(new Error("Cannot find package '@duckdb/node-api'"), { code: 'ERR_MODULE_NOT_FOUND' }),
    ),
  )
  await t.rejects(missing, {
    code: 'BAD_CONFIG',
    message: /@duckdb\/node-api \(70 MB\), which isn't installed: npm /,
  })
  const broken = loadDuckDB(() => Promise.reject(new Error('no binary for sunos-sparc')))
  await t.rejects(broken, {
    code: 'BAD_CONFIG',
    message: /doesn't load .*: no binary for sunos-sparc; to install it/,
  })
})

void t.test('what to install depends on how logstream was installed', (t) => {
  const folder = t.testdir({
    lib: { node_modules: {} },
    project: { 'package.json': '{}', node_modules: {} },
    "bob's": { 'package.json': '{}', node_modules: {} },
    _npx: { '1f': { 'package.json': '{}', node_modules: {} } },
  })
  const install = (...modules: string[]): string =>
    databaseInstall(join(folder, ...modules, 'node_modules', 'logstream-loki'), '1.2.3')
  t.equal(install('lib'), 'npm install -g @duckdb/node-api@1.2.3')
  t.equal(install('project'), `npm install --prefix ${join(folder, 'project')} @duckdb/node-api@1.2.3`)
  t.match(install("bob's"), "/bob'\\''s' @duckdb")
  t.equal(install('_npx', '1f'), 'npx -p logstream-loki -p @duckdb/node-api@1.2.3 logstream …')
  t.equal(databaseInstall('/src/logstream', '1.2.3'), 'npm ci --prefix /src/logstream')
  t.match(databaseInstall(), /^npm ci --prefix /, 'and this is a checkout')
  t.end()
})

void t.test('what was stored is there after an opening', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const first = await openStore(folder)
  t.equal(
    (
      await push(first, { app: 'a' }, [
        ['one', 1],
        ['two', 2],
      ])
    ).status,
    204,
  )
  t.ok((await first.database.size()) > 0)
  await first.close()
  const second = await openStore(folder)
  t.teardown(() => second.close())
  t.same(
    (await select(second)).map(({ line }) => line),
    ['one', 'two'],
  )
  t.equal(second.streams.size, 1)
  await push(second, { app: 'a' }, [
    ['two', 2],
    ['three', 3],
  ])
  t.equal(second.counts.repeats, 1, 'and what it had is still known')
})

void t.test('a second process is told who is there', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  t.teardown(() => store.close())
  const harness = fileURLToPath(new URL('../../support/store-harness.js', import.meta.url))
  const script = `import { openStore } from ${JSON.stringify(harness)}; await openStore(${JSON.stringify(folder)}).catch((error) => { console.log(error.code, error.message) })`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  t.match(stdout, /^IO the store in ".*" is used by another process: stop that one/)
})

void t.test('two stores of one process wait for each other', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const first = await openStore(folder)
  await push(first, { app: 'a' }, ['x'])
  const second = openStore(folder)
  await first.close()
  const opened = await second
  t.equal((await select(opened)).length, 1)
  await opened.close()
})

void t.test('closed while statements run: they end first', { timeout: 20_000 }, async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const { database } = await openStore(folder)
  const long = 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 1'
  // More than there are threads for, so that some wait.
  const running = Array.from({ length: 6 }, () =>
    t.rejects(
      database.use((connection) => connection.run(long)),
      { message: /^INTERRUPT/ },
    ),
  )
  await database.close()
  await Promise.all(running)
})

void t.test('an unusable folder, a file other than a database', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  await writeFile(join(folder, 'file'), '')
  await t.rejects(openStore(join(folder, 'file', 'store')), { code: 'IO', message: /cannot use the folder/ })
  await writeFile(join(folder, 'store.duckdb'), 'this is no database, however long it may be'.repeat(1000))
  await t.rejects(openStore(folder), { code: 'IO', message: /is damaged .*move it away/s })
})

void t.test('killed while it takes pushes: nothing that was acknowledged is missing', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const acknowledged: number[] = []
  let next = 0
  for (const ms of [150, 300]) {
    const result = await killRound(folder, next, ms, acknowledged)
    t.ok(result.acknowledged.length > 0, `${result.acknowledged.length} pushes`)
    t.same({ missing: result.missing, doubled: result.doubled }, { missing: [], doubled: 0 })
    acknowledged.push(...result.acknowledged)
    next = result.next
  }
})

void t.test(
  'a log that was cut off, as by a power failure: it opens, and what came before is there',
  async (t) => {
    const folder = await storeFolder((run) => t.teardown(run))
    const store = await openStore(folder)
    await push(store, { app: 'a' }, ['kept'])
    await store.close()
    // A clean end leaves no log, so a killed writer has to make one.
    const log = await logOfKilled(folder)
    const { size } = await stat(log)
    await truncate(log, size - 7)
    const after = await openStore(folder)
    t.teardown(() => after.close())
    t.ok((await select(after)).some(({ line }) => line === 'kept'))
  },
)

void t.test('a damaged log is set aside, and the store opens with the rest', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const first = await openStore(folder)
  await push(first, { app: 'a' }, ['kept'])
  await first.close()
  const log = await logOfKilled(folder)
  const file = await open(log, 'r+')
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, 8)
  await file.close()
  const second = await openStore(folder)
  t.teardown(() => second.close())
  t.ok((await select(second)).some(({ line }) => line === 'kept'))
  t.ok((await readdir(folder)).some((name) => name.includes('.wal.damaged-')))
})

void t.test('without file descriptors to open it, a log is left where it is', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const warmUp = await storeFolder((run) => t.teardown(run))
  await logOfKilled(folder)
  const script = new URL('../../support/store-few-files.js', import.meta.url)
  const stdout = await withFewFiles(script, folder, warmUp)
  t.match(stdout, /can't be opened at the moment: .*\.wal.*Too many open files/)
  t.notMatch(stdout, 'damaged')
  t.notOk((await readdir(folder)).some((name) => name.includes('damaged')))
  const store = await openStore(folder)
  t.teardown(() => store.close())
  t.ok((await select(store)).length > 0)
})

void t.test('nor are indexes given up then', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const warmUp = await storeFolder((run) => t.teardown(run))
  // Nothing is joined by itself.
  const first = await openStore(folder, {}, new StepClock(Date.now()))
  const lines = Array.from({ length: 5 }, (_, i) => `line ${i}`)
  for (const [i, line] of lines.entries()) {
    await push(first, { app: 'a' }, [[line, i]])
    await first.upkeep.sealNow()
  }
  await first.close()
  const script = new URL('../../support/store-few-files.js', import.meta.url)
  const stdout = await withFewFiles(script, folder, warmUp)
  t.match(stdout, /EMFILE: too many open files, open '.*idx/)
  t.notMatch(stdout, /damaged|missing/)
  const store = await openStore(folder)
  t.teardown(() => store.close())
  t.same((await select(store)).map(({ line }) => line), lines) // prettier-ignore
  const [joined, ...others] = store.database.files.manifest.parts
  t.same(others, [])
  t.ok((await store.partIndexes.of(joined!))?.filter, 'the joined file knows which sequences it has')
})

/** The path of the log that a killed process has left. */
async function logOfKilled(folder: string): Promise<string> {
  const script = fileURLToPath(new URL('../../support/store-writer.js', import.meta.url))
  const child = spawn(process.execPath, [script, folder, '1000000'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.split('\n').length > 20) child.kill('SIGKILL')
  }
  return join(folder, 'store.duckdb.wal')
}

void t.test('a file that was cut short, or overwritten, is named with what to do', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  await push(
    store,
    { app: 'a' },
    Array.from({ length: 2000 }, (_, i) => [`line ${i} ${'x'.repeat(500)}`, i] as const),
  )
  await store.close()
  const file = join(folder, 'store.duckdb')
  const { size } = await stat(file)
  t.ok(size > 100_000)
  for (const cut of [Math.floor(size / 2), 5000, 20]) {
    await truncate(file, cut)
    await t.rejects(
      openStore(folder),
      { code: 'IO', message: /^the store ".*store.duckdb" is damaged \(.*\): put a copy of it back/ },
      `cut to ${cut} of ${size}`,
    )
  }
  await writeFile(file, 'not a database '.repeat(1000))
  await t.rejects(openStore(folder), { code: 'IO', message: /is damaged/ })
  await unlink(file)
  const fresh = await openStore(folder)
  t.equal((await push(fresh, { app: 'a' }, ['new'])).status, 204, 'moved away, it begins anew')
  await fresh.close()
})
