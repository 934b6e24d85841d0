import t from 'tap'
import { componentDefinitions } from '../../../lib/components/index.ts'
import { notYet, refusal, unavailable } from '../../../lib/components/unavailable.ts'
import { supervised } from '../../support/supervised.ts'

void t.test('components that Alloy has and logstream has not say what to do', (tap) => {
  tap.match(refusal('prometheus.scrape'), /does not have prometheus.scrape: .*\/metrics/)
  tap.match(refusal('loki.source.windowsevent'), /loki.source.windowsevent/)
  tap.match(refusal('loki.rules.kubernetes'), /block rules of loki.store/)
  tap.match(refusal('discovery.dockerswarm'), /discovery.file/, 'names are whole')
  tap.equal(refusal('loki.sauce.file'), undefined, 'what Alloy lacks too is simply unknown')
  tap.equal(refusal('loki.source.file'), undefined)
  tap.end()
})

void t.test('a name is listed once', (tap) => {
  const names = unavailable.flatMap((each) => each.names)
  tap.equal(new Set(names).size, names.length)
  tap.end()
})

void t.test('validate and run refuse what is listed, in the same words', async (tap) => {
  for (const name of ['loki.source.windowsevent', 'prometheus.scrape']) {
    const message = `c:1:1 ${refusal(name)}`
    tap.same(await supervised(tap).check(`${name} "x" { }`), [message], name)
    tap.same(await supervised(tap).load(`${name} "x" { }`), [message], name)
  }
})

void t.test('nothing is both listed by its name and there', (tap) => {
  tap.same(
    componentDefinitions.filter(({ name }) => notYet(name) !== undefined).map(({ name }) => name),
    [],
  )
  tap.equal(notYet('prometheus.scrape'), undefined, 'a prefix says nothing of what has a definition')
  tap.end()
})
