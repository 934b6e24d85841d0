/** The table of components that stand between sources and sinks, or only give values to others. */
import type { ComponentDefinition } from '../component.ts'
import { lokiProcess } from './process.ts'

export const processors = [lokiProcess] as unknown as readonly ComponentDefinition[]
