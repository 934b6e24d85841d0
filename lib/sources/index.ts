/** The table of sources, and of the components that find their targets. */
import type { ComponentDefinition } from '../component.ts'

export const sources = [] as unknown as readonly ComponentDefinition[]
