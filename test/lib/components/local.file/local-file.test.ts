/** The content of a file as a value. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { localFile } from '../../../../lib/components/local.file/local-file.ts'
import { ComponentBench, until } from '../../../support/component-run.ts'
import { refusal } from '../../../support/stage-run.ts'

const content = (text: string, optional = true) => new Map([['content', { kind: 'secret', text, optional }]])

void t.test('the content is there at once, untrimmed, and follows the file by polling', async (t) => {
  const filename = join(t.testdir({ key: ' one\n' }), 'key')
  const bench = new ComponentBench()
  const component = bench.create(localFile, { filename, detector: 'poll', poll_frequency: '1m' })
  t.same(component.exports, content(' one\n'))
  await component.start!()
  bench.clock.advance(60_000)
  t.same(bench.exported, [], 'nothing new, nothing said')
  writeFileSync(filename, 'longer than before')
  bench.clock.advance(60_000)
  t.same(bench.exported, [content('longer than before')])
  rmSync(filename)
  bench.clock.advance(60_000)
  t.equal(bench.exported.length, 1, 'the last content is kept')
  t.match(component.health!(), { state: 'unhealthy', message: /cannot read/ })
  writeFileSync(filename, 'back')
  bench.clock.advance(60_000)
  t.same(component.health!(), { state: 'healthy', message: '' })
  t.same(bench.exported[1], content('back'))
  await component.close!()
  writeFileSync(filename, 'after the end')
  bench.clock.advance(60_000)
  t.equal(bench.exported.length, 2)
})

void t.test('the system tells of a change long before the next look', async (t) => {
  const filename = join(t.testdir({ key: 'one' }), 'key')
  const bench = new ComponentBench()
  const component = bench.create(localFile, { filename, is_secret: true })
  t.same(component.exports, content('one', false))
  await component.start!()
  t.teardown(() => component.close!())
  writeFileSync(filename, 'another')
  await until(() => {
    bench.clock.advance(100)
    return bench.exported.length > 0
  })
  t.same(bench.exported, [content('another', false)])
})

void t.test('a file that is not there is refused', (t) => {
  const filename = join(t.testdir({}), 'none')
  t.equal(
    refusal(() => new ComponentBench().create(localFile, { filename })),
    'IO filename',
  )
  t.end()
})
