/** `local.file_match`: patterns to files, for `loki.source.file`. */
import { defineComponent } from '../../component/component.ts'
import { duration, list, map, optional, required, text } from '../../component/fields.ts'
import { TargetWatch, type MatchSettings } from './match.ts'

/** Exports `targets`: one target per matching file, with all labels of the pattern's target. */
export const localFileMatch = defineComponent({
  name: 'local.file_match',
  summary: 'Finds the files that glob patterns match, again and again.',
  fields: {
    path_targets: required(
      list(map(text)),
      'Targets whose __path__ is a pattern (*, ?, [a-z], {a,b}, ** for any folders); files that __path_exclude__ matches are left out.',
    ),
    sync_period: optional(duration, 10_000, 'Time between two looks.'),
    ignore_older_than: optional(duration, 0, 'Leaves out files not changed for longer; 0s: none.'),
  },
  stability: 'generally-available',
  exports: { targets: 'list(map(string)): the files, to be used as targets of loki.source.file' },
  create: (options, ctx) => {
    let files = 0
    const settings = (of: typeof options): MatchSettings => ({ ...of, targets: of.path_targets })
    const watch = new TargetWatch(settings(options), ctx, (targets) => {
      files = targets.length
      ctx.export(new Map([['targets', [...targets]]]))
    })
    return {
      exports: new Map([['targets', []]]),
      start: () => watch.look(),
      update: (changed) => {
        void watch.look(settings(changed))
        return true
      },
      close: () => watch.stop(),
      status: () => ({ files }),
    }
  },
})
