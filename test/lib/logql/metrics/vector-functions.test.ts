/** The table of vector aggregations: each row makes one value or chooses samples. */
import t from 'tap'
import { seriesLabels } from '../../../../lib/logql/metrics/series-labels.ts'
import { vectorFunctions } from '../../../../lib/logql/metrics/vector-functions.ts'

const samples = [3, NaN, 1].map((value, i) => ({ labels: seriesLabels([['i', String(i)]]), value }))
for (const [name, { reduce, choose, disabled }] of Object.entries(vectorFunctions)) {
  const ways = [reduce, choose, disabled].filter((way) => way !== undefined)
  t.equal(ways.length, 1, name)
  if (choose !== undefined) {
    const chosen = choose(samples, 2)
    t.ok(
      chosen.every((sample) => samples.includes(sample)),
      `${name} keeps samples as they are`,
    )
  }
}

const zero = { labels: seriesLabels([]), value: -0 }
t.equal(vectorFunctions.sum.reduce?.([zero, zero]), -0, 'negative zeros stay so')
