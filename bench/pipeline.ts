/**
 * The transactions job by the library. Arguments: the file, the push URL, and perhaps `unfused` (each stage as its own
 * Node stream). Prints one JSON line with its counts and its cost.
 */
import { pipeline as nodePipeline } from 'node:stream/promises'
import { register } from 'prom-client'
import { fileTail, labels, lokiWriter, match, metrics, pipeline, regex, static_labels } from '../lib/index.ts'

const [, , file = '', url = '', mode = 'fused'] = process.argv

const parts = [
  fileTail({ path: file, labels: { job: 'template-job' }, follow: false }),
  static_labels({ values: { parse_status: 'failed' } }),
  regex({
    expression:
      '^(?P<date>\\S+)\\|(?P<time_start>\\S+)\\|(?P<time_end>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$',
  }),
  labels({ values: { method: '', status: '', code: '' } }),
  match({ selector: '{method=~".+"}' }, [
    static_labels({ values: { parse_status: 'success' } }),
    metrics({
      metric: [
        {
          variant: 'histogram',
          options: {
            name: 'transaction_latency_ms',
            prefix: 'payment_',
            source: 'latency',
            buckets: [50, 100, 250, 500, 1000, 2500, 5000, 10000],
          },
        },
        {
          variant: 'counter',
          options: {
            name: 'success_transactions_total',
            prefix: 'payment_',
            source: 'status',
            value: 'SUCCESS',
            action: 'inc',
          },
        },
        {
          variant: 'counter',
          options: {
            name: 'failed_transactions_total',
            prefix: 'payment_',
            source: 'status',
            value: 'FAILED',
            action: 'inc',
          },
        },
      ],
    }),
  ]),
  lokiWriter({ url }),
] as const

await (mode === 'fused' ? pipeline(...parts) : nodePipeline([...parts]))
const { user, system } = process.cpuUsage()
process.stdout.write(
  `${JSON.stringify({ ...counted(await register.metrics()), cpuSeconds: (user + system) / 1e6, maxRssMiB: process.resourceUsage().maxRSS / 1024 })}\n`,
)

function counted(exposition: string): Record<string, number> {
  const total = (name: string): number =>
    [...exposition.matchAll(new RegExp(`^${name}(?:\\{[^\\n]*\\})? (\\d+)`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    )
  return {
    parsed: total('payment_transaction_latency_ms_count'),
    success: total('payment_success_transactions_total'),
    failures: total('payment_failed_transactions_total'),
  }
}
