import t from 'tap'
import { componentDefinitions } from '../../../lib/components/index.ts'
import { notYet, refusal, refuse, unavailable } from '../../../lib/components/unavailable.ts'
import { supervised } from '../../support/supervised.ts'

void t.test('components that Alloy has and logstream has not say what to do', (tap) => {
  tap.match(refusal('prometheus.scrape'), /does not have prometheus.scrape: .*\/metrics/)
  tap.match(refusal('loki.source.kubernetes_events'), /loki.source.kubernetes_events/)
  tap.match(refusal('discovery.dockerswarm'), /discovery.file/, 'names are whole')
  tap.equal(refusal('loki.sauce.file'), undefined, 'what Alloy lacks too is simply unknown')
  tap.equal(refusal('loki.source.file'), undefined)
  tap.equal(notYet('prometheus.scrape'), undefined, 'a prefix says nothing of what has a definition')
  tap.throws(() => refuse('loki.source.file'), /broken invariant/)
  tap.end()
})

void t.test('a name is listed once', (tap) => {
  const names = unavailable.flatMap((each) => each.names)
  tap.equal(new Set(names).size, names.length)
  tap.end()
})

void t.test('validate and run refuse what is listed, definition or not, in the same words', async (tap) => {
  const defined = componentDefinitions.map(({ name }) => name).filter((name) => notYet(name) !== undefined)
  tap.same(defined.sort(), Object.keys(GOOD))
  for (const name of [...defined, 'loki.source.gelf', 'prometheus.scrape']) {
    const text = `${name} "x" {\n${GOOD[name] ?? ''}\n}`
    const message = `c:1:1 ${refusal(name)}`
    tap.same(await supervised(tap).check(text), [message], name)
    tap.same(await supervised(tap).load(text), [message], name)
  }
})
