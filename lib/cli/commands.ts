/** The table of commands: nothing else lists them. */
import type { CommandEntry } from './command.ts'

export const commands: readonly CommandEntry[] = [
  {
    name: 'pipe',
    summary: 'read lines from standard input (also without a command)',
    load: async () => (await import('./pipe.ts')).pipeCommand,
  },
  {
    name: 'run',
    summary: 'run a config as a service',
    load: async () => (await import('./run.ts')).runCommand,
    service: true,
  },
  {
    name: 'validate',
    summary: 'check a config without running it',
    load: async () => (await import('./validate.ts')).validateCommand,
  },
  {
    name: 'fmt',
    summary: 'write a config in its canonical form',
    load: async () => (await import('./fmt.ts')).fmtCommand,
  },
  {
    name: 'convert',
    summary: 'turn a Promtail config into one for this program',
    load: async () => (await import('./convert.ts')).convertCommand,
  },
  {
    name: 'test',
    summary: 'run pipeline unit tests',
    load: async () => (await import('./test.ts')).testCommand,
  },
  {
    name: 'check',
    summary: 'run a sample through a config before you deploy it',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  {
    name: 'explain',
    summary: 'show what each stage does to a line, and why',
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  {
    name: 'docs',
    summary: 'print the reference of components and stages, and the guides',
    load: async () => (await import('./docs.ts')).docsCommand,
  },
  {
    name: 'query',
    summary: 'ask Loki, or the store, for lines and metrics',
    load: async () => (await import('./query.ts')).queryCommand,
  },
  {
    name: 'store',
    summary: 'run the embedded store alone, as a small Loki',
    load: async () => (await import('./store.ts')).storeCommand,
    service: true,
  },
  {
    name: 'rules',
    summary: 'check alerting and recording rules, and run their unit tests',
    load: async () => (await import('./rules.ts')).rulesCommand,
  },
  {
    name: 'tap',
    summary: 'watch entries pass through a running service',
    load: async () => (await import('./tap.ts')).tapCommand,
  },
  {
    name: 'dlq',
    summary: 'list, show and resend entries that Loki refused',
    load: async () => (await import('./dlq.ts')).dlqCommand,
  },
  {
    name: 'spool',
    summary: 'show what waits on disk to be sent',
    load: async () => (await import('./spool.ts')).spoolCommand,
  },
  {
    name: 'generate',
    summary: 'write sample transaction lines',
    load: async () => (await import('./generate.ts')).generateCommand,
  },
  {
    name: 'demo',
    summary: 'run the main job on sample lines, live on the terminal',
    load: async () => (await import('./demo/demo.ts')).demoCommand,
    service: true,
  },
  {
    name: 'completion',
    summary: 'print completions for bash, zsh and fish',
    load: async () => (await import('./completion/completion.ts')).completionCommand(commands),
  },
]
