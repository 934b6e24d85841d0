/** What Alloy does not have is a mistake on demand only, wherever it stands. */
import t from 'tap'
import { placeOf } from '../../../../lib/alloy/diagnostic.ts'
import { scopeOf } from '../../../../lib/alloy/evaluate.ts'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { defineComponent } from '../../../../lib/component/component.ts'
import { decodeBody, type DecodeEnv, type KnownStage } from '../../../../lib/component/decode.ts'
import { stages } from '../../../../lib/component/fields.ts'
import { notInAlloy } from '../../../../lib/run/plan/extensions.ts'
import { supervised } from '../../../support/supervised.ts'

const CONFIG = `
loki.source.stdin "in" { forward_to = [loki.write.plain.receiver] }
loki.write "plain" {
  endpoint { url = "http://localhost:3100/loki/api/v1/push" }
}
loki.write "more" {
  endpoint { url = "grpc://localhost:9095" }
  spool { }
}
declare "unused" {
  loki.source.tcp "t" {
    listen_port = 5140
    forward_to  = []
  }
}
`

void t.test('with --alloy each is told at its place', async (t) => {
  const found = await supervised(t).check(CONFIG, { alloyOnly: true })
  t.match(found.sort(), [
    /^c:11:3 Alloy does not have loki.source.tcp, it is an extension/,
    /^c:2:1 Alloy does not have loki.source.stdin/,
    /^c:7:14 Alloy does not have this value of "url"/,
    /^c:8:3 Alloy does not have the block "spool"/,
  ])
})

void t.test('without it they are good', async (t) => {
  t.same(await supervised(t).check(CONFIG), [])
})

void t.test('an own stage is an extension wherever it is nested', (t) => {
  const fields = { stage: stages('Stages.') }
  const known = new Map<string, KnownStage>([
    ['shout', { fields: {}, extension: true }],
    ['match', { fields }],
    ['docker', { fields: {} }],
  ])
  const source = {
    name: 'c',
    text: 'stage.docker { }\nstage.match {\n  stage.shout { }\n}\nstage.shout { }\n',
  }
  const { file } = parseFile(source)
  const env: DecodeEnv = { source, scope: scopeOf(new Map()), stages: known, report: () => {} }
  const range = { start: 0, end: source.text.length }
  const [block] = file.body.filter((each) => each.kind === 'block')
  const options = decodeBody(file.body, fields, range, env)
  const definition = defineComponent({
    name: 'test.x',
    summary: 'Test.',
    stability: 'experimental',
    fields,
    exports: {},
    create: () => ({}),
  })
  t.match(
    notInAlloy(block!, source, definition, options, known).map((each) => `${placeOf(each)} ${each.message}`),
    [/^c:3:3 Alloy does not have stage\.shout/, /^c:5:1 Alloy does not have stage\.shout/],
  )
  t.end()
})
