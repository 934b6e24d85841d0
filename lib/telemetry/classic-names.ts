/** Prometheus' classic names of labels and metrics, which every scraper reads; others need its UTF-8 scheme. */

/** Letters, digits and underscores, no digit first. */
export function validLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)
}

/** The same of a metric's name, which may have colons. */
export function validLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)
}
