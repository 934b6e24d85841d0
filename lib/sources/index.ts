/** The table of sources, and of the components that find their targets. */
import type { ComponentDefinition } from '../component.ts'
import { localFileMatch } from './file-match.ts'
import { lokiSourceFile } from './file.ts'
import { laterSources } from './later/index.ts'
import { stdinSource } from './stdin.ts'
import { lokiSourceSyslog } from './syslog.ts'
import { lokiSourceTcp } from './tcp.ts'

export const sources = [
  localFileMatch,
  lokiSourceFile,
  stdinSource(() => process.stdin),
  lokiSourceSyslog,
  lokiSourceTcp,
  ...laterSources,
] as unknown as readonly ComponentDefinition[]
