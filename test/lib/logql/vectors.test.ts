/** Every recorded request to the real Loki, answered by the engine from the same data. */
import t from 'tap'
import { MemoryQuerier } from '../../support/memory-querier.ts'
import { answer, dataset, differs, isForEngine, vectorGroups } from '../../support/logql-vectors.ts'

for (const [folder, discover, more] of [
  ['queries', true, []],
  ['queries-plain', false, []],
  ['fuzz', true, ['dataset-fuzz']],
] as const) {
  const querier = new MemoryQuerier({ discover })
  for (const name of ['dataset', 'dataset-edge', ...more] as const)
    querier.push(JSON.parse(dataset(name)) as Parameters<MemoryQuerier['push']>[0])
  for (const [group, vectors] of vectorGroups(folder)) {
    void t.test(`${folder}/${group}`, async (t) => {
      const problems: string[] = []
      for (const vector of vectors.filter(isForEngine)) {
        const problem = differs(vector, await answer(querier, vector))
        if (problem !== undefined) problems.push(`${vector.name}: ${problem}`)
      }
      t.strictSame(problems, [])
    })
  }
}
