/** Label selectors, by the rules of the API's documentation. */
import t from 'tap'
import { compileSelector } from '../../../../lib/components/loki.source.podlogs/label-selector.ts'

void t.test('what a selector matches', (tap) => {
  const one = (operator: string, values: string[] = []) => ({
    matchExpressions: [{ key: 'app', operator, values }],
  })
  const web = { app: 'web', tier: 'front' }
  const cases = [
    [undefined, web, true],
    [{ matchLabels: null, matchExpressions: null }, {}, true],
    [{ matchLabels: { app: 'web' } }, web, true],
    [{ matchLabels: { app: 'web', tier: 'back' } }, web, false],
    [{ matchLabels: { app: 'web' } }, {}, false],
    [one('In', ['api', 'web']), web, true],
    [one('In', ['api']), web, false],
    [one('NotIn', ['api']), web, true],
    [one('NotIn', ['api']), {}, true],
    [one('NotIn', ['web']), web, false],
    [one('Exists'), web, true],
    [one('Exists'), {}, false],
    [one('DoesNotExist'), {}, true],
    [one('DoesNotExist'), web, false],
    [{ matchLabels: { constructor: 'x' } }, {}, false],
  ] as const
  for (const [selector, labels, matches] of cases)
    tap.equal(compileSelector(selector)(labels), matches, JSON.stringify([selector, labels]))
  tap.end()
})
