/** The table of sources, and of the components that find their targets. */
import type { ComponentDefinition } from '../component/component.ts'
import { localFileMatch } from './local.file_match/file-match.ts'
import { lokiSourceFile } from './loki.source.file/file.ts'
import { laterSources } from './later.ts'
import { stdinSource } from './loki.source.stdin/stdin.ts'
import { lokiSourceSyslog } from './loki.source.syslog/syslog.ts'
import { lokiSourceTcp } from './loki.source.tcp/tcp.ts'

export const sources = [
  localFileMatch,
  lokiSourceFile,
  stdinSource(() => process.stdin),
  lokiSourceSyslog,
  lokiSourceTcp,
  ...laterSources,
] as unknown as readonly ComponentDefinition[]
