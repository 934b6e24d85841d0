// What a restart finds: everything here stops one component and starts another on the same positions.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { asText, numbered, startSource, temporaryFolder, until, type Running, type Tidy } from './harness.ts'

interface Place {
  readonly path: string
  readonly data: string
}

async function place(t: Tidy): Promise<Place> {
  const folder = await temporaryFolder(t)
  return { path: join(folder, 'app.log'), data: join(folder, 'data') }
}

async function life(
  { path, data }: Place,
  work: (running: Running) => Promise<void>,
  options: Record<string, unknown> = {},
  settling = true,
): Promise<string[]> {
  const running = await startSource({ targets: [{ __path__: path, job: 'x' }], ...options }, data, settling)
  try {
    await work(running)
  } finally {
    await running.stop()
  }
  return running.got.lines
}

function lines(count: number): (running: Running) => Promise<void> {
  return (running) => until(`${count} lines`, () => running.got.lines.length >= count)
}

/** Reads on until a line `end` comes, which it appends. */
function toTheEnd({ path }: Place): (running: Running) => Promise<void> {
  return async (running) => {
    appendFileSync(path, 'end\n')
    await until('the last line', () => running.got.lines.includes('end'))
  }
}

void t.test('goes on where it was acknowledged, an unfinished line is read again', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, 'one\ntwo\nthr')
  t.strictSame(await life(at, lines(2)), ['one', 'two'])
  appendFileSync(at.path, 'ee\n')
  t.strictSame(await life(at, toTheEnd(at)), ['three', 'end'])
})

void t.test('what was handed on but not acknowledged is read again', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, asText(numbered(0, 10)))
  await life(at, lines(10), {}, false)
  appendFileSync(at.path, asText(numbered(10, 12)))
  t.strictSame(await life(at, lines(12)), numbered(0, 12))
})

void t.test('the position does not pass a hole in what was acknowledged', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, 'one\n')
  const read = await life(
    at,
    async (running) => {
      await lines(1)(running)
      appendFileSync(at.path, 'two\n')
      await lines(2)(running)
      running.got.owed.pop()!.ack.settle({ state: 'delivered', reason: '', rank: 0 })
    },
    {},
    false,
  )
  t.strictSame(read, ['one', 'two'])
  t.strictSame(await life(at, lines(2)), ['one', 'two'])
})

void t.test('what is acknowledged after the stop is saved by close', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, 'one\n')
  const running = await startSource({ targets: [{ __path__: at.path, job: 'x' }] }, at.data, false)
  await lines(1)(running)
  await running.component.stop?.()
  await running.got.ended
  running.got.settle()
  await running.component.close?.()
  t.strictSame(await life(at, toTheEnd(at)), ['end'])
})

void t.test('rotated once and twice between reads: every line, in order', async (t) => {
  for (const times of [1, 2, 3]) {
    const at = await place(t)
    writeFileSync(at.path, asText(numbered(0, 10)))
    await life(at, lines(10))
    appendFileSync(at.path, asText(numbered(10, 20)))
    for (let round = 1; round <= times; round++) {
      for (let n = round - 1; n >= 1; n--) renameSync(`${at.path}.${n}`, `${at.path}.${n + 1}`)
      renameSync(at.path, `${at.path}.1`)
      writeFileSync(at.path, asText(numbered(10 + round * 10, 20 + round * 10)))
    }
    t.strictSame(await life(at, toTheEnd(at)), [...numbered(10, 20 + times * 10), 'end'])
  }
})

void t.test('rotated files of before the first start are left alone', async (t) => {
  const at = await place(t)
  writeFileSync(`${at.path}.1`, 'old\n')
  writeFileSync(at.path, 'one\n')
  await life(at, lines(1))
  renameSync(`${at.path}.1`, `${at.path}.2`)
  renameSync(at.path, `${at.path}.1`)
  writeFileSync(at.path, 'two\n')
  t.strictSame(await life(at, toTheEnd(at)), ['two', 'end'])
})

void t.test('a second restart reads no rotated file again', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, asText(numbered(0, 5)))
  await life(at, async (running) => {
    await lines(5)(running)
    renameSync(at.path, `${at.path}.1`)
    writeFileSync(at.path, asText(numbered(5, 10)))
    await lines(10)(running)
  })
  t.strictSame(await life(at, toTheEnd(at)), ['end'])
  t.strictSame(await life(at, toTheEnd(at)), ['end'])
})

void t.test('copied and truncated between reads, once and twice', async (t) => {
  for (const times of [1, 2]) {
    const at = await place(t)
    writeFileSync(at.path, asText(numbered(0, 30)))
    await life(at, lines(30))
    for (let round = 1; round <= times; round++) {
      appendFileSync(at.path, asText(numbered(round * 30, round * 30 + 30)))
      if (round === 2) renameSync(`${at.path}.1`, `${at.path}.2`)
      copyFileSync(at.path, `${at.path}.1`)
      truncateSync(at.path)
    }
    t.strictSame(await life(at, toTheEnd(at)), [...numbered(30, 30 + times * 30), 'end'])
  }
})

void t.test('parts of a cut line are numbered on after a restart within it', async (t) => {
  const at = await place(t)
  const size = 200 * 1024
  writeFileSync(at.path, `${'x'.repeat(4.5 * size)}\nshort\n`)
  const marks: (string | undefined)[][] = []
  const noted = ({ got }: Running): void =>
    void marks.push(got.entries.map((each) => each.structuredMetadata[0]?.[1]))
  const options = { max_line_size: '200KiB' }
  const first = async (running: Running): Promise<void> => {
    await lines(6)(running)
    running.got.settle(2)
    noted(running)
  }
  await life(at, first, options, false)
  const second = async (running: Running): Promise<void> => {
    await toTheEnd(at)(running)
    noted(running)
  }
  await life(at, second, options)
  t.strictSame(marks, [
    ['1', '2', '3', '4', '5', undefined],
    ['3', '4', '5', undefined, undefined],
  ])
})

void t.test('a file that was removed with unread lines is a gap with its bytes', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, 'one\ntwo\n')
  await life(at, lines(2), {}, false)
  rmSync(at.path)
  writeFileSync(at.path, 'new\n')
  let logs: string[] = []
  let skipped = 0
  const read = await life(at, async (running) => {
    logs = running.world.logs
    await lines(1)(running)
    skipped = running.world.ctx.ledger.noted('skipped')
  })
  t.strictSame(read, ['new'])
  t.ok(logs.some((line) => line.includes('8 bytes') && line.includes('were not read')))
  t.equal(skipped, 8, 'in the account')
})

void t.test('a restored copy with another inode goes on at the position', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, asText(numbered(0, 20)))
  await life(at, lines(20))
  copyFileSync(at.path, `${at.path}~`)
  rmSync(at.path)
  renameSync(`${at.path}~`, at.path)
  t.strictSame(await life(at, toTheEnd(at)), ['end'])
})

void t.test('names of one rotation, all read: none twice after a restart', async (t) => {
  const at = await place(t)
  const every = {
    file_match: { enabled: true, sync_period: '25ms' },
    targets: [{ __path__: `${at.path}*`, job: 'x' }],
  }
  writeFileSync(at.path, asText(numbered(0, 5)))
  await life(
    at,
    async (running) => {
      await lines(5)(running)
      renameSync(at.path, `${at.path}.1`)
      writeFileSync(at.path, asText(numbered(5, 10)))
      await lines(10)(running)
    },
    every,
  )
  renameSync(`${at.path}.1`, `${at.path}.2`)
  renameSync(at.path, `${at.path}.1`)
  writeFileSync(at.path, asText(numbered(10, 15)))
  const read = await life(at, toTheEnd(at), every)
  t.strictSame(read.toSorted(), ['end', ...numbered(10, 15)])
})

void t.test('on_positions_file_error says what to do with what cannot be read', async (t) => {
  for (const [choice, expected] of [
    ['restart_from_beginning', ['one', 'end']],
    ['restart_from_end', ['end']],
  ] as const) {
    const at = await place(t)
    writeFileSync(at.path, 'one\n')
    await life(at, lines(1))
    for (const name of ['positions.json', 'positions.backup.json'])
      writeFileSync(join(at.data, name), '{"logstream_')
    const open = async (running: Running): Promise<void> => {
      const files = (): { size: number }[] =>
        (running.component.status!() as { files: { size: number }[] }).files
      await until('the file to be open', () => files()[0]?.size === 4)
      await toTheEnd(at)(running)
    }
    t.strictSame(await life(at, open, { on_positions_file_error: choice }), expected, choice)
  }
})

void t.test('skip leaves a file with a damaged entry alone', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, 'one\n')
  await life(at, lines(1))
  const file = join(at.data, 'positions.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"offset":\d+/, '"offset":"many"'))
  let told = false
  const look = (running: Running): Promise<void> =>
    until('the warning', () => (told = running.world.logs.some((line) => line.includes('is skipped'))))
  t.strictSame(await life(at, look, { on_positions_file_error: 'skip' }), [])
  t.ok(told)
})

void t.test('takes over the positions of an Alloy', async (t) => {
  const at = await place(t)
  writeFileSync(at.path, 'one\ntwo\n')
  const legacy = `${at.path}.yml`
  writeFileSync(legacy, `positions:\n  ? path: ${at.path}\n    labels: '{job="x"}'\n  : "4"\n`)
  t.strictSame(await life(at, toTheEnd(at), { legacy_positions_file: legacy }), ['two', 'end'])
  t.ok(existsSync(join(at.data, 'positions.json')))
  t.strictSame(await life(at, toTheEnd(at), { legacy_positions_file: legacy }), ['end'], 'only once')
})
