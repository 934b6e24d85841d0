/** Metrics of the last hours, as the page gets them. */
import type { Recorded } from '../telemetry/history.ts'

/** Cumulative counts for counters and histograms (`le` is a label), numbers as they were for gauges. */
export type MetricHistory = Recorded
