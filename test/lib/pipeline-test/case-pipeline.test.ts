import t from 'tap'
import { casePipeline, type PipelineEnv } from '../../../lib/pipeline-test/case-pipeline.ts'

const folder = t.testdir({
  'main.alloy': `loki.process "a" {
  forward_to = [loki.write.x.receiver]
  stage.drop { expression = "x" }
}
declare "m" {
  argument "name" { }
  loki.process "inner" {
    forward_to = []
    stage.static_labels { values = { name = argument.name.value } }
  }
}
m "one" { name = "1" }
m "two" { name = "2" }
loki.write "x" { endpoint { url = "http://127.0.0.1:1" } }`,
  'bad.alloy': 'loki.process "a" {',
  'other.alloy': 'loki.process "a" { forward_to = [] }\nloki.write "x" { }',
  tests: {},
})
const env: PipelineEnv = { stdlib: new Map(), stability: 'experimental', folder: `${folder}/tests` }

const ofConfig = async (component: string, config = '../main.alloy'): Promise<unknown> =>
  await casePipeline({ name: 'n', config, component }, env)

void t.test('a pipeline in the case', async (tap) => {
  const found = await casePipeline({ name: 'n', pipeline: 'stage.docker { }' }, env)
  tap.match(found, { specs: [{ name: 'docker' }], refused: '' })
  tap.match(await casePipeline({ name: 'n', pipeline: 'stage.docker {' }, env), {
    refused: /^n:1:\d+: error/,
  })
  tap.match(await casePipeline({ name: 'n', pipeline: 'stage.nope { }' }, env), { refused: /^n:1:1: error/ })
})

void t.test('the stages of a loki.process in a config, with the arguments of its module', async (tap) => {
  tap.match(await ofConfig('loki.process.a'), { specs: [{ name: 'drop' }], refused: '' })
  const values = (name: string): object => ({ specs: [{ options: { values: new Map([['name', name]]) } }] })
  tap.match(await ofConfig('m.one/loki.process.inner'), values('1'))
  tap.match(await ofConfig('m.two/loki.process.inner'), values('2'))
})

void t.test('mistakes elsewhere in the config do not fail the pipeline', async (tap) => {
  tap.match(await ofConfig('loki.process.a', '../other.alloy'), { specs: [], refused: '' })
})

void t.test('what cannot be found is said', async (tap) => {
  await tap.rejects(ofConfig('loki.process.b'), {
    code: 'BAD_INPUT',
    message: /no loki.process "loki.process.b": it has\n {2}loki.process.a\n {2}m.one/,
  })
  await tap.rejects(ofConfig('loki.write.x'), { code: 'BAD_INPUT' })
  await tap.rejects(ofConfig('loki.process.inner'), { code: 'BAD_INPUT', message: /several that end in/ })
  await tap.rejects(ofConfig('loki.process.a', 'none.alloy'), { code: 'IO', message: /none\.alloy/ })
  tap.match(await ofConfig('loki.process.a', '../bad.alloy'), { refused: /bad.alloy:1:\d+: error/ })
})
