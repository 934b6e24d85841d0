/** The table of sinks. */
import type { ComponentDefinition } from '../component.ts'

export const sinks = [] as unknown as readonly ComponentDefinition[]
