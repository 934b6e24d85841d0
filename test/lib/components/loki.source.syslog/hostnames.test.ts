import t from 'tap'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { Hostnames } from '../../../../lib/components/loki.source.syslog/hostnames.ts'
import { StepClock } from '../../../support/step-clock.ts'

void t.test('names as Go gives them, remembered', async (t) => {
  const asked: string[] = []
  const lookup = async (ip: string): Promise<string[]> => {
    asked.push(ip)
    if (ip === '10.0.0.9') throw new Error('ENOTFOUND')
    return ip === '10.0.0.1' ? ['a.example.org', 'localhost'] : [`h${ip.at(-1)}`]
  }
  const names = new Hostnames(lookup, systemClock, 2)
  t.equal(await names.of('10.0.0.1'), 'a.example.org.,localhost')
  t.equal(await names.of('10.0.0.9'), '')
  t.equal(await names.of('10.0.0.1'), 'a.example.org.,localhost')
  t.strictSame(asked, ['10.0.0.1', '10.0.0.9'])
  t.equal(await names.of('10.0.0.3'), 'h3')
  t.equal(names.known('10.0.0.9'), undefined, 'the longest unused one was forgotten')
  t.equal(names.known('10.0.0.1'), 'a.example.org.,localhost')
})

void t.test('a silent name server does not hold up messages', async (t) => {
  const clock = new StepClock()
  const names = new Hostnames(() => new Promise(() => {}), clock, 0)
  const name = names.of('10.0.0.1')
  clock.advance(60_000)
  t.equal(await name, '')
  t.equal(names.known('10.0.0.1'), '', 'and is not asked for each message')
})
