/** The table of sinks. */
import type { ComponentDefinition } from '../component.ts'
import { lokiEcho } from './loki-echo.ts'
import { lokiWrite } from './loki-write.ts'

export const sinks = [lokiEcho, lokiWrite] as unknown as readonly ComponentDefinition[]
