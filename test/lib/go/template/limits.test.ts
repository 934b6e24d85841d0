import t from 'tap'
import {
  checkList,
  checkText,
  endWork,
  MAX_LIST,
  MAX_TEXT,
  MAX_WORK,
  spend,
  startWork,
} from '../../../../lib/go/template/limits.ts'

void t.test('work is counted for each execution by itself', (tap) => {
  const outside = startWork()
  spend(MAX_WORK)
  const outer = startWork()
  spend(MAX_WORK)
  tap.throws(() => spend(1), { code: 'BAD_TEMPLATE', message: /does too much/ })
  endWork(outer)
  tap.throws(
    () => spend(1),
    { code: 'BAD_TEMPLATE' },
    'the inner one has neither eaten nor filled the budget',
  )
  startWork()
  spend(1)
  endWork(outside)
  tap.end()
})

void t.test('texts and lists may be so long and no longer', (tap) => {
  checkText(MAX_TEXT)
  checkList(MAX_LIST)
  tap.throws(() => checkText(MAX_TEXT + 1), { code: 'BAD_TEMPLATE', message: /text of more than 4194304/ })
  tap.throws(() => checkList(MAX_LIST + 1), { code: 'BAD_TEMPLATE', message: /list of more than 1000000/ })
  tap.end()
})
