import { Readable } from 'node:stream'
import t from 'tap'
import type { Io } from '../../../lib/cli/io.ts'
import { progressLine, showProgress, stdinFigures } from '../../../lib/cli/progress.ts'
import { fakeIo } from '../../support/fake-io.ts'

void t.test('the line has a bar where the end is known, and never more columns than the terminal', (tap) => {
  const MIB = 1024 ** 2
  const half = progressLine({ done: 5 * MIB, total: 10 * MIB, unit: 'bytes', note: '1,200 lines' }, 2000, 100)
  tap.same(half, {
    bar: `${'━'.repeat(15)}${'─'.repeat(15)}  `,
    text: '50% of 10.0 MiB, 1,200 lines, 2.5 MiB/s, 0:02 left',
  })
  tap.same(progressLine({ done: 3000, unit: 'entries' }, 1000, 80), {
    bar: '',
    text: '3,000 entries, 3,000 entries/s',
  })
  tap.match(progressLine({ done: 1, total: 7201, unit: 'files' }, 1000, 80).text, /2:00:00 left$/)
  tap.match(
    progressLine({ done: 0, total: 10, unit: 'files' }, 1000, 80).text,
    /^0% of 10 files, 0 files\/s$/,
  )
  for (let columns = 1; columns < 120; columns++) {
    const { bar, text } = progressLine({ done: 5 * MIB, total: 10 * MIB, unit: 'bytes' }, 2000, columns)
    tap.ok(bar.length + text.length < Math.max(columns, 1), `${columns} columns`)
  }
  tap.end()
})

void t.test('it is drawn on a terminal only, after a moment, and leaves nothing behind', async (tap) => {
  const fake = fakeIo()
  const figures = () => ({ done: 10, total: 20, unit: 'entries' })
  const elsewhere = showProgress(fake, figures, () => 0)
  elsewhere.write('a warning\n')
  elsewhere.stop()
  tap.equal(fake.err(), 'a warning\n')

  const io: Io = { ...fake, stderr: Object.assign(fake.stderr, { isTTY: true, columns: 80 }) }
  let now = 0
  const progress = showProgress(io, figures, () => (now += 1000))
  // Its timer doesn't keep a process running; this one does.
  const alive = setInterval(() => undefined, 1000)
  while (!fake.err().includes('50%')) await new Promise((resolve) => setImmediate(resolve))
  clearInterval(alive)
  progress.write('another\n')
  progress.stop()
  tap.match(fake.err(), /50% of 20 entries.*\r\u001b\[Kanother\n$/s)
})

void t.test('standard input has a size if it is a file', (tap) => {
  const stdin = Object.assign(Readable.from([]), { bytesRead: 7 })
  tap.same(stdinFigures({ ...fakeIo(), stdin }), { done: 7, total: undefined, unit: 'bytes' })
  tap.end()
})
