import t from 'tap'
import { casePipeline } from '../../../lib/testing/case-pipeline.ts'

const folder = t.testdir({
  'main.alloy': `loki.process "a" {
  forward_to = [loki.write.x.receiver]
  stage.drop { expression = "x" }
}
declare "m" { loki.process "inner" {
  forward_to = argument.to.value
  stage.docker { }
} }
loki.write "x" { }`,
  'bad.alloy': 'loki.process "a" {',
})

const names = (component: string): string[] => {
  const found = casePipeline({ name: 'n', config: 'main.alloy', component }, folder)
  return typeof found === 'string' ? [found] : found.body.map(({ name }) => name)
}

void t.test('a pipeline in the case', (tap) => {
  const found = casePipeline({ name: 'n', pipeline: 'stage.docker { }' }, folder)
  tap.match(found, { source: { name: 'n' }, range: { start: 0, end: 16 } })
  tap.match(casePipeline({ name: 'n', pipeline: 'stage.docker {' }, folder), /^n:1:\d+: error/)
  tap.end()
})

void t.test('the stages of a loki.process in a config, also in a declare', (tap) => {
  tap.same(names('loki.process.a'), ['stage.drop'])
  tap.same(names('loki.process.inner'), ['stage.docker'])
  tap.end()
})

void t.test('what cannot be found is said', (tap) => {
  tap.throws(() => names('loki.process.b'), {
    code: 'BAD_INPUT',
    message: /main.alloy: expected the id of a loki.process, found "loki.process.b"/,
  })
  tap.throws(() => names('loki.write.x'), { code: 'BAD_INPUT' })
  const other = (config: string): unknown =>
    casePipeline({ name: 'n', config, component: 'loki.process.a' }, folder)
  tap.throws(() => other('bad.alloy'), { code: 'BAD_INPUT', message: /bad.alloy:1:/ })
  tap.throws(() => other('none.alloy'), { code: 'IO', message: /cannot read the config .*none.alloy/ })
  tap.end()
})
