/** What a program gets from the package: the list of names is a promise. */
import { readFileSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import t from 'tap'
import * as library from '../../lib/index.ts'

const NO_STAGES = [
  'Batch',
  'DELIVERED',
  'EMPTY_LABELS',
  'Entry',
  'Extracted',
  'LabelSet',
  'Ledger',
  'LogstreamError',
  'defineStage',
  'dropCounter',
  'dropped',
  'explainLine',
  'fileTail',
  'filter',
  'flag',
  'float',
  'fromConfig',
  'integer',
  'labelSet',
  'list',
  'lokiWriter',
  'map',
  'mapOf',
  'openIntake',
  'openSink',
  'openSource',
  'openTransform',
  'optional',
  'pipeline',
  'required',
  'sinkStream',
  'sourceStream',
  'stages',
  'text',
]

void t.test('nothing is missing, and nothing is public by accident', (tap) => {
  tap.same(Object.keys(library).toSorted(), [...NO_STAGES, ...Object.keys(library.stages)].toSorted())
  tap.end()
})

void t.test('every stage has the name that a config uses', (tap) => {
  const exported: Readonly<Record<string, unknown>> = { ...library }
  for (const [name, stage] of Object.entries(library.stages)) {
    tap.equal(exported[name], stage, name)
    tap.type(stage, 'function', name)
    tap.equal(stage.definition.name, name)
  }
  tap.end()
})

void t.test('functions are functions, classes can be made, the kinds of values are data', (tap) => {
  const functions = [
    'defineStage',
    'dropCounter',
    'dropped',
    'explainLine',
    'fileTail',
    'labelSet',
    'list',
    'lokiWriter',
  ]
  const more = ['map', 'openIntake', 'optional', 'pipeline', 'required', 'sinkStream', 'sourceStream']
  const classes = ['Batch', 'Entry', 'Extracted', 'LabelSet', 'Ledger', 'LogstreamError']
  const exported: Readonly<Record<string, unknown>> = { ...library }
  for (const name of [...functions, ...more, ...classes]) tap.type(exported[name], 'function', name)
  tap.equal(library.labelSet({}), library.EMPTY_LABELS)
  tap.equal(library.DELIVERED.state, 'delivered')
  tap.match(new library.LogstreamError('BAD_ARGUMENT', 'x'), { code: 'BAD_ARGUMENT', message: 'x' })
  tap.end()
})

void t.test('an own stage next to those of the library', async (tap) => {
  const shout = library.defineStage({
    name: 'shout',
    summary: 'Upper case.',
    fields: { mark: library.optional(library.text, '!', 'What follows.') },
    create:
      ({ mark }) =>
      (entry) => {
        entry.line = entry.line.toUpperCase() + mark
        return undefined
      },
  })
  const labels = library.labelSet({ job: 'x' })
  const out: string[] = []
  await library.pipeline(
    Readable.from(
      [new library.Batch(['level=warn a', 'b'].map((line) => new library.Entry(0, 0, line, labels)))],
      { objectMode: true },
    ),
    library.regex({ expression: 'level=(?P<level>\\w+)' }),
    library.labels({ values: { level: '' } }),
    shout({ mark: '?' }),
    new Writable({
      objectMode: true,
      write: (batch: library.Batch, _encoding, done) => {
        for (const entry of batch.take()) out.push(`${entry.labels.text} ${entry.line}`)
        done()
      },
    }),
  )
  tap.same(out, ['{job="x", level="warn"} LEVEL=WARN A?', '{job="x"} B?'])
})

void t.test('the package leads to this file, with its types', (tap) => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, object> }
  tap.same(exports['.'], { types: './dist/types/lib/index.d.ts', default: './dist/library/index.js' })
  tap.end()
})

void t.test('a wrong option is refused, with the closest right one', async (tap) => {
  const wrong = { path: 'x', pollMS: 5 } as { path: string }
  tap.throws(() => library.fileTail(wrong), {
    code: 'BAD_ARGUMENT',
    message: /unknown option "pollMS"; did you mean "pollMs"\?/,
  })
  tap.throws(() => library.fileTail({} as { path: string }), {
    code: 'BAD_ARGUMENT',
    message: /option "path": expected the path of a file, found undefined/,
  })
  const refused = library.openIntake({ datadir: 'x' } as object)
  await tap.rejects(refused, { code: 'BAD_ARGUMENT', message: /did you mean "dataDir"\?/ })
})

void t.test('wrong names of options are told, with the right one', async (tap) => {
  const misspelt = { datadir: 'x' }
  await tap.rejects(library.fromConfig('', misspelt as object), {
    message: /"datadir"; did you mean "dataDir"/,
  })
  const given = { pipeline: '', line: 'x', label: {} }
  await tap.rejects(library.explainLine(given), { message: /"label"; did you mean "labels"/ })
})
