import t from 'tap'
import { annotate, workflowCommand } from '../../../lib/cli/annotate.ts'
import { fakeIo } from '../../support/fake-io.ts'

const mistake = { severity: 'error', file: 'a.alloy', line: 3, title: 'logstream', message: 'no' } as const

void t.test('what could end a command or a property is escaped', (tap) => {
  tap.equal(
    workflowCommand(
      { ...mistake, file: '/repo/a,b:c.alloy', column: 7, message: '50 %\r\n::error::x, y' },
      '/repo',
    ),
    '::error file=a%2Cb%3Ac.alloy,line=3,col=7,title=logstream::50 %25%0D%0A::error::x, y',
  )
  tap.equal(
    workflowCommand({ severity: 'warning', file: '/repo/d/e', title: 'a: b', message: 'm' }, '/repo/d'),
    '::warning file=e,title=a%3A b::m',
  )
  tap.end()
})

void t.test('only in GitHub Actions', (tap) => {
  const elsewhere = fakeIo('', { CI: 'true' })
  annotate(mistake, elsewhere)
  tap.equal(elsewhere.err(), '')
  const there = fakeIo('', { GITHUB_ACTIONS: 'true' })
  annotate(mistake, there)
  tap.equal(there.err(), '::error file=a.alloy,line=3,title=logstream::no\n')
  tap.end()
})
