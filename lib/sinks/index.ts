/** The table of sinks. */
import type { ComponentDefinition } from '../component.ts'
import { lokiEcho } from './loki-echo.ts'
import { lokiStore } from './loki-store.ts'
import { lokiWrite } from './loki-write.ts'

export const sinks = [lokiEcho, lokiStore, lokiWrite] as unknown as readonly ComponentDefinition[]
