import t from 'tap'
import {
  anchoredRegex,
  bool,
  byteSize,
  choice,
  duration,
  float,
  int,
  labels,
  list,
  map,
  maybe,
  prometheusTime,
  struct,
  text,
  texts,
  url,
  type Reader,
} from '../../../../lib/convert/promtail/read.ts'
import { entryOf, parseYaml, type MapNode, type Problem } from '../../../../lib/go/yaml/tree.ts'

function readAs<T>(reader: Reader<T>, written: string): { value: T; problems: Problem[] } {
  const { root, problems } = parseYaml(`v: ${written}\n`)
  const value = reader.read(entryOf(root as MapNode, 'v')!.value, problems)
  return { value, problems }
}

const refused = Symbol('refused')

void t.test('scalars', async (t) => {
  const table: [reader: Reader<unknown>, written: string, expected: unknown][] = [
    [text(), '010', '010'],
    [text(), 'yes', 'yes'],
    [text('x'), '~', ''],
    [text(), '[a]', refused],
    [bool(true), 'no', false],
    [bool(true), '', false],
    [bool(), '"true"', refused],
    [int(), '0x10', 16],
    [int(), '2.9', 2],
    [int(), '"2"', refused],
    [int(), '.inf', refused],
    [float(), '2.5', 2.5],
    [float(), '.nan', refused],
    [duration(), '1m30s', 90e9],
    [duration(), '5', 5],
    [duration(), '1d', refused],
    [prometheusTime(), '1d12h', 129_600e9],
    [prometheusTime(), '0', 0],
    [prometheusTime(), '250ms', 250e6],
    [prometheusTime(), '1h1d', refused],
    [prometheusTime(), '1.5h', refused],
    [byteSize(), '256kb', 262_144],
    [byteSize(), '1M', 1_048_576],
    [byteSize(), '12', 12],
    [byteSize(), '1.5M', refused],
    [choice(['a', 'b']), 'b', 'b'],
    [choice(['a', 'b']), 'c', refused],
    [url(), 'http://u:p@loki:3100/x?y=z', 'http://u:p@loki:3100/x?y=z'],
    [url(), 'unix:///var/run/docker.sock', 'unix:///var/run/docker.sock'],
    [url(), 'http://[::1]:80/', 'http://[::1]:80/'],
    [url(), 'http://loki:port', refused],
    [url(), '"://loki"', refused],
    [url(), '1http://loki', refused],
    [anchoredRegex(''), "'a(.*)'", 'a(.*)'],
    [anchoredRegex(''), "'a('", refused],
    [maybe(int()), '~', undefined],
  ]
  for (const [reader, written, expected] of table) {
    const { value, problems } = readAs(reader, written)
    t.equal(problems.length, expected === refused ? 1 : 0, `${written}: ${problems[0]?.message}`)
    if (expected !== refused) t.equal(value, expected, written)
    else t.equal(problems[0]?.range.start, 3, `${written}: place`)
  }
})

void t.test('lists and maps', async (t) => {
  t.same(readAs(texts(), '[a, 1, ~]').value, ['a', '1', ''])
  t.equal(readAs(texts(), '').value, undefined)
  t.match(readAs(texts(), 'a').problems, [{ message: 'expected a list, found "a"' }])
  t.same(readAs(list(int()), '[1, ~]').value, [1, 0])
  t.same(
    readAs(map(int()), '{a: 1, b: }').value,
    new Map([
      ['a', 1],
      ['b', 0],
    ]),
  )
  t.match(readAs(map(int()), '[a]').problems, [{ message: 'expected a map, found a list' }])
  t.same(readAs(labels(), '{job: x}').value, new Map([['job', 'x']]))
  t.match(readAs(labels(), '{"": x}').problems, [{ message: '"" is not a valid label name' }])
})

const shape = { name: text('none'), size: int(3), inner: struct({ on: bool(true) }) }

void t.test('structs keep their defaults, and refuse what they do not know', async (t) => {
  const given = readAs(struct(shape), '{size: 5}')
  t.match(given.value, { name: 'none', size: 5, inner: { on: true } })
  t.match(readAs(struct(shape), '{inner: }').value, { inner: { on: false } }, 'null is zero, not the default')
  t.match(readAs(struct(shape), '{nmae: a}').problems, [
    { message: 'Promtail has no field "nmae" here. Did you mean name?', range: { start: 4 } },
  ])
  t.match(readAs(struct(shape), 'a').problems, [{ message: 'expected a map, found "a"' }])
})

void t.test('checks run only on what was read without a problem', async (t) => {
  const checked = struct({ size: int() }, (value, refuse) => {
    if (value.size > 9) refuse('too large')
  })
  t.match(readAs(checked, '{size: 10}').problems, [{ message: 'too large' }])
  t.same(readAs(checked, '{size: 9}').problems, [])
  t.equal(readAs(checked, '{size: 10, more: 1}').problems.length, 1)
})
