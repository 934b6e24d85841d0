/** `loki.process`: its stages in order, as one Node stream. */
import { defineComponent, RECEIVER, type Receiver, type Stage } from '../../component/component.ts'
import { capsule, list, required, stages } from '../../component/fields.ts'
import { stageStream } from '../../component/stage-stream.ts'

const RESET: Stage = {
  run: (entries) => {
    for (let i = 0; i < entries.length; i++) entries[i]!.resetExtracted()
    return entries
  },
  kernel: (columns) => columns.resetExtracted(),
}

/** The stages, after one that hides what an earlier `loki.process` has extracted. */
export function processStages(inner: Stage): readonly Stage[] {
  return [RESET, inner]
}

export const lokiProcess = defineComponent({
  name: 'loki.process',
  summary: 'Runs log entries through stages that parse, label, count, change or drop them.',
  stability: 'generally-available',
  fields: {
    forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the entries that went through.'),
    stage: stages('Stages, run in the order they are written.'),
  },
  exports: { receiver: 'Takes entries to be processed.' },
  create: (options, ctx) => {
    const inner = ctx.stages(options.stage)
    const stream = stageStream(processStages(inner), { context: ctx })
    return { output: stream, input: stream, status: () => ({ stages: inner.rows?.() ?? [] }) }
  },
})
