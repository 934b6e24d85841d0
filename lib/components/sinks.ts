/** The table of sinks. */
import type { ComponentDefinition } from '../component/component.ts'
import { lokiEcho } from './loki.echo/loki-echo.ts'
import { lokiStore } from './loki.store/loki-store.ts'
import { lokiWrite } from './loki.write/loki-write.ts'

export const sinks = [lokiEcho, lokiStore, lokiWrite] as unknown as readonly ComponentDefinition[]
