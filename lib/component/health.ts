/** The health of a component that knows its problem as a text. */
import type { Health } from './component.ts'

/** Healthy if `problem` is "". */
export function healthOf(problem: string): Health {
  return problem === '' ? { state: 'healthy', message: '' } : { state: 'unhealthy', message: problem }
}
