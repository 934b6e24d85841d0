import t from 'tap'
import { Batch } from '../../lib/flow/batch.ts'
import type { Stage } from '../../lib/component/component.ts'
import { drop } from '../../transforms/drop.ts'
import { match } from '../../transforms/match.ts'
import { multiline } from '../../transforms/multiline.ts'
import { static_labels } from '../../transforms/static_labels.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, linesOf, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'match')
  await recordedCases(t, 'selectors')
  await recordedCases(t, 'cross-stage')
})

/** A match around a stage of the test. */
function around(bench: Bench, selector: string, inner: Stage): Stage {
  const made = match.definition.create(
    {
      selector,
      stage: [{ name: 'inner', options: {} }],
      action: '',
      pipeline_name: '',
      drop_counter_reason: '',
    },
    { ...bench.ctx, stages: () => inner },
  )
  if (typeof made === 'function' || 'each' in made) throw new Error('expected a stage')
  return made
}

void t.test('order is kept, picked or not', async (t) => {
  const bench = new Bench()
  const stage = around(bench, '{a=~".*"} |= "x"', {
    run: (entries) => {
      for (const entry of entries) entry.line = entry.line.toUpperCase()
      return Promise.resolve(entries)
    },
  })
  const out = await stage.run(bench.entries('a', 'x1', 'x2', 'b', 'c', 'x3'))
  t.same(linesOf(out), ['a', 'X1', 'X2', 'b', 'c', 'X3'])
})

void t.test('a batch of one kind is handed on as it is', async (t) => {
  const bench = new Bench()
  const runs: unknown[] = []
  const stage = around(bench, '{a="1"}', {
    run: (entries) => {
      runs.push(entries)
      return entries
    },
  })
  const others = bench.entries('x', 'y')
  t.equal(stage.run(others), others)
  t.same(runs, [])
  const picked = [bench.entry('x', { a: '1' }), bench.entry('y', { a: '1' })]
  t.equal(stage.run(picked), picked)
  t.equal(runs[0], picked)
  t.same(stage.run([]), [])
})

void t.test('a drop in a nested match ends the entry once', async (t) => {
  const bench = new Bench()
  const stage = bench.ctx.stages([
    {
      name: 'match',
      options: {
        selector: '{a=~".*"}',
        action: '',
        pipeline_name: '',
        drop_counter_reason: '',
        stage: [
          {
            name: 'match',
            options: {
              selector: '{b=""} |= "x"',
              action: 'drop',
              stage: [],
              pipeline_name: '',
              drop_counter_reason: 'inner',
            },
          },
        ],
      },
    },
  ])
  const out = await stage.run(bench.entries('x', 'y', 'x y'))
  t.same(linesOf(out), ['y'])
  t.same(bench.account(out), { delivered: 1, 'dropped inner': 2 })
})

void t.test('labels are copied over extracted values where the inner stages begin', async (t) => {
  const bench = new Bench()
  const seen: unknown[] = []
  const stage = around(bench, '{a="1"}', {
    run: (entries) => {
      for (const { extracted } of entries) seen.push(extracted.get('a'))
      return entries
    },
  })
  const entry = bench.entry('', { a: '1' })
  entry.extracted.set('a', 'extracted')
  await stage.run([entry])
  t.same(seen, ['1'])
})

void t.test('what an inner stage holds comes out by its clock and at the end', async (t) => {
  const bench = new Bench()
  const inner = bench.stage(multiline, { firstline: '^\\S', max_wait_time: '1s' })
  const stage = around(bench, '{a="1"}', inner)
  const line = (text: string): ReturnType<Bench['entry']> => bench.entry(text, { a: '1' })
  t.same(await stage.run([line('one'), line(' two')]), [])
  t.equal(stage.dueAt?.(), bench.clock.now() + 1000)
  bench.clock.advance(1000)
  const ticked = (await stage.tick?.()) ?? []
  t.same(linesOf(ticked), ['one\n two'])
  await stage.run([line('three')])
  const flushed = (await stage.flush?.()) ?? []
  t.same(linesOf(flushed), ['three'])
  t.same(bench.account([...ticked, ...flushed]), { delivered: 3 })
})

void t.test('as a Transform, it takes stages as a list', async (t) => {
  const bench = new Bench()
  const stream = match({ selector: '{app="x"}' }, [
    drop({ expression: '^#' }),
    static_labels({ values: { hit: '1' } }),
  ])
  stream.end(
    new Batch([bench.entry('# a', { app: 'x' }), bench.entry('b', { app: 'x' }), bench.entry('# c')]),
  )
  const out = (await stream.toArray()).flatMap((batch) => (batch as Batch).take(1))
  t.same(
    out.map(({ line, labels }) => [line, labels.toObject()]),
    [
      ['b', { app: 'x', hit: '1' }],
      ['# c', {}],
    ],
  )
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  const made = (input: Parameters<typeof match>[0], inner?: Parameters<typeof match>[1]) => (): unknown =>
    match(input, inner, { context: bench.ctx })
  t.equal(refusal(made({ selector: '{a=~"("}' }, [drop({ expression: 'x' })])), 'BAD_REGEX selector')
  t.equal(refusal(made({ selector: '{a=}' }, [drop({ expression: 'x' })])), 'BAD_SELECTOR selector')
  t.equal(refusal(made({ selector: '{a="b"}' })), 'BAD_ARGUMENT stage')
  t.equal(refusal(made({ selector: '{a="b"}' }, [process.stdout])), 'BAD_ARGUMENT stage')
  t.end()
})
