/** foreach: names of instances, what templates see, and what changes when the collection does. */
import t from 'tap'
import type { Value } from '../../../../lib/alloy/value.ts'
import { instanceNames } from '../../../../lib/run/plan/foreach.ts'
import { supervised } from '../../../support/supervised.ts'

void t.test('an item has the same name wherever it stands', (t) => {
  const plain = { id: '', hash_string_id: false }
  t.same(instanceNames(['a.b/c', 'ü1', 'a.b/c', 3n, true, 3.14, -1.5], plain), [
    'foreach_a_b_c_1',
    'foreach_ü1_1',
    'foreach_a_b_c_2',
    'foreach_3_1',
    'foreach_true_1',
    'foreach_3_140000_1',
    'foreach_-1_500000_1',
  ])
  const object = (...pairs: [string, Value][]): Value => new Map(pairs)
  const [one, other, list] = instanceNames(
    [object(['a', 1n], ['b', 'x']), object(['b', 'x'], ['a', 1n]), [1n]],
    plain,
  )
  t.match(one, /^foreach_[0-9a-f]{64}_1$/)
  t.equal(other, one!.replace(/_1$/, '_2'), 'keys have no order')
  t.not(list!.slice(0, 20), one!.slice(0, 20))
  t.same(
    instanceNames([object(['name', 'web']), object(['x', 1n])], { id: 'name', hash_string_id: false })[0],
    ['foreach_web_1'][0],
  )
  t.match(instanceNames(['web'], { id: '', hash_string_id: true })[0], /^foreach_[0-9a-f]{64}_1$/)
  t.end()
})

const CONFIG = (collection: string, more = ''): string => `
test.value "list" { value = ${collection} }
test.sink "out" { }
foreach "app" {
  collection = test.value.list.value
  var        = "each"
  ${more}
  template {
    test.pass "p" {
      forward_to = [test.sink.out.receiver, test.sink.own.receiver]
      mark       = each["mark"]
    }
    test.sink "own" { value = [each["mark"], module_path] }
  }
}
`

void t.test('each item has its components, which see what is around the foreach', async (t) => {
  const bench = supervised(t)
  const both = '[{mark = "x", id = "one"}, {mark = "y", id = "two"}]'
  t.same(await bench.load(CONFIG(both, 'id = "id"')), [])
  const one = 'foreach.app/foreach_one_1'
  const two = 'foreach.app/foreach_two_1'
  t.same(bench.ids().sort(), [
    `${one}/test.pass.p`,
    `${one}/test.sink.own`,
    `${two}/test.pass.p`,
    `${two}/test.sink.own`,
    'test.sink.out',
    'test.value.list',
  ])
  t.same(bench.value(`${two}/test.sink.own`), ['y', '/etc'])
  bench.graph.drainEvents()
  t.same(await bench.load(CONFIG('[{mark = "y", id = "two"}]', 'id = "id"')), [])
  t.notOk(bench.ids().includes(`${one}/test.pass.p`))
  t.same(
    bench.graph.drainEvents(/^(create|close) foreach/).sort(),
    [`close ${one}/test.pass.p`, `close ${one}/test.sink.own`],
    'the other item is left alone',
  )
})

void t.test('metrics of the instances are shown on demand only', async (t) => {
  for (const [more, shown] of [
    ['', false],
    ['enable_metrics = true', true],
  ] as const) {
    const bench = supervised(t)
    t.same(await bench.load(CONFIG('[{mark = "x"}]', more)), [])
    t.equal((await bench.metrics.exposition()).includes('test_pass_total'), shown)
  }
})

void t.test('templates in templates, in modules, and names of one’s own', async (t) => {
  const bench = supervised(t)
  const text = `
declare "wrap" {
  argument "names" { }
  foreach "outer" {
    collection = argument.names.value
    var        = "name"
    template {
      test.value "v" { value = name }
      foreach "inner" {
        collection = [1, 2]
        var        = "n"
        template {
          marked "m" { value = [name, n, argument.names.value] }
          test.sink "v" { value = test.value.v.double }
        }
      }
    }
  }
  declare "marked" {
    argument "value" { }
    test.sink "s" { value = argument.value.value }
  }
}
test.value "v" { value = "outside" }
wrap "w" { names = ["a", "b"] }
`
  t.same(await bench.load(text), [])
  const at = 'wrap.w/foreach.outer/foreach_b_1/foreach.inner/foreach_2_1'
  t.same(bench.value(`${at}/marked.m/test.sink.s`), ['b', 2n, ['a', 'b']])
  t.same(bench.value(`${at}/test.sink.v`), 'bb')
})

void t.test('mistakes', async (t) => {
  for (const [body, expected] of [
    ['collection = [1]\n var = "n"', /c:2:1 foreach needs a template block/],
    ['collection = [1]\n var = "n"\n template { }\n template { }', /c:5:2 .*more than one template/],
    ['collection = [1]\n var = "n"\n template "x" { }', /c:4:11 a template block takes no label/],
    ['var = "n"\n template { }', /missing required attribute "collection"/],
    ['collection = 1\n var = "n"\n template { }', /collection: expected array/],
    ['collection = [1]\n var = "n"\n other { }\n template { }', /unknown block "other"/],
    ['collection = [1]\n var = "n"\n template { test.sink "s" { value = m } }', /"m" does not exist/],
    ['collection = [1, 2]\n var = "n"\n template { test.sink "s" { anew = [n] } }', /anew: expected string/],
    ['collection = []\n var = "n"\n template { test.sink "s" { nope = n } }', /unknown attribute "nope"/],
    [
      'collection = [1]\n var = "n"\n template { export "e" { value = n } }',
      /export blocks are only allowed/,
    ],
    ['collection = [1]\n var = "n"\n template { logging { } }', /logging is not allowed in a module/],
  ] as const) {
    const found = await supervised(t).check(`\nforeach "f" {\n ${body.replaceAll('\n ', '\n')}\n}`)
    t.equal(found.length, 1, `${body}: told once\n${found.join('\n')}`)
    t.match(found[0], new RegExp(expected.source.replace(/c:\d+:\d+ /, '')), body)
  }
})

void t.test('nothing outside can use what is in a template', async (t) => {
  const bench = supervised(t)
  const found = await bench.check(
    `${CONFIG('[{mark = "x"}]')}\ntest.pass "q" { forward_to = [test.sink.own.receiver] }`,
  )
  t.match(found, [/"test.sink.own.receiver" does not exist/])
})
