/** Mistakes of stages show also when the component around them has others. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

void t.test('each stage on its own', async (t) => {
  const found = await supervised(t).check(`loki.process "p" {
  nope = 1
  stage.regex { expression = "(" }
  stage.drop { }
  stage.label_drop { values = ["ok"] }
}`)
  t.match(found.sort(), [
    /^c:1:1 missing required attribute "forward_to"/,
    /^c:2:3 unknown attribute "nope"/,
    /^c:3:17 bad regular expression/,
    /^c:4:3 /,
  ])
})
