import t from 'tap'
import { placeOfOptions } from '../../../../lib/component/origin.ts'
import { readPipeline } from '../../../../lib/run/plan/pipeline-text.ts'

void t.test('the stages of a block body, with their places', (tap) => {
  const source = {
    name: 'p',
    text: 'stage.docker { }\nstage.match {\n  selector = "{a=\\"b\\"}"\n  stage.drop { }\n}',
  }
  const { specs, diagnostics } = readPipeline(source, new Map([['x', 'y']]))
  tap.same(diagnostics, [])
  tap.match(specs, [{ name: 'docker' }, { name: 'match', options: { stage: [{ name: 'drop' }] } }])
  tap.equal(placeOfOptions(specs[1]!.options)?.range.start, 17)
  tap.end()
})

void t.test('mistakes of syntax, of names and of values', (tap) => {
  const problems = (text: string): string[] => {
    const { specs, diagnostics } = readPipeline({ name: 'p', text }, new Map())
    tap.same(specs, [])
    return diagnostics.map(({ message }) => message)
  }
  tap.equal(problems('stage.drop {').length, 1)
  tap.match(problems('stage.nope { }\nstage.drop { x = 1 }'), [
    /unknown block "stage.nope"/,
    /unknown attribute "x"/,
  ])
  tap.match(problems('forward_to = []'), [/unknown attribute "forward_to"/])
  tap.match(problems('stage.drop { value = nothing }'), [/nothing/])
  tap.end()
})
