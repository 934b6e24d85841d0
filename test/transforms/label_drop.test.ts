import t from 'tap'
import { recordedCases } from '../support/stage-cases.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'label_drop')
})
