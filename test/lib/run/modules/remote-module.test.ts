/** Which reader a remote import has. What readers do is tested with them. */
import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { importGitFields, importHttpFields } from '../../../../lib/run/plan/config-blocks.ts'
import { openRemote } from '../../../../lib/run/modules/remote-module.ts'
import { serve } from '../../../support/serve.ts'
import { refusal } from '../../../support/stage-run.ts'
import { StepClock } from '../../../support/step-clock.ts'

const never = (): string => {
  throw new Error('no folder is needed')
}

void t.test('a URL: the text, its name without secrets, and where it is', async (t) => {
  const url = await serve(t, (_request, response) => response.end(' text\n'))
  const own = url.replace('//', '//user:pass@')
  const input = { url: `${own}/a/m.alloy?token=x`, poll_frequency: '90s' }
  const module = openRemote('import.http', decodeInput('m', importHttpFields, input), new StepClock(), never)
  t.equal(module.pollMs, 90_000)
  t.same(await module.read(), [{ name: `${url}/a/m.alloy`, text: 'text', modulePath: `${url}/a` }])
  await module.close()
})

void t.test('a repository', (t) => {
  const input = { repository: 'r', path: 'p', pull_frequency: '0s' }
  const open = (more: object) =>
    openRemote(
      'import.git',
      decodeInput('m', importGitFields, { ...input, ...more }),
      new StepClock(),
      () => '/f',
    )
  t.equal(open({}).pollMs, 0)
  t.equal(
    refusal(() => open({ revision: 'HEAD' })),
    'BAD_CONFIG revision',
  )
  t.end()
})
