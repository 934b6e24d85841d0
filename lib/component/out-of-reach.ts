/** Why a component's first values can't be had from here, which isn't a mistake of the config: a laptop has no cluster. */
import { LogstreamError } from '../errors.ts'

/** Running needs the values and fails by it; a check goes on without them. */
export class OutOfReach extends LogstreamError {}
