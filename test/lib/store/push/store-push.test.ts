/** What pushes are answered; limits and texts of refusals are in the test of the store. */
import t from 'tap'
import { labelSet } from '../../../../lib/flow/labels.ts'
import type { PushedEntry } from '../../../../lib/loki/pushed.ts'
import { entrySize, storePush } from '../../../../lib/store/push/store-push.ts'
import { openStore, SECONDS, select, storeFolder } from '../../../support/store-harness.ts'

void t.test('answers and counts', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const seen: unknown[] = []
  const counts = {
    received: (lines: number, bytes: number) => void seen.push([lines, bytes]),
    discarded: (reason: string, lines: number, bytes: number) => void seen.push([reason, lines, bytes]),
  }
  const entry: PushedEntry = { seconds: SECONDS, nanos: 0, line: 'ä', structuredMetadata: [['k', 'ö']] }
  const push = (labels: Record<string, string>, entries: PushedEntry[], name?: boolean) =>
    storePush(store, [{ labels: labelSet(labels), entries }], counts, name)
  t.equal((await storePush(store, [], counts)).status, 422)
  t.same(await push({ a: 'b' }, []), { status: 204, message: '' })
  t.same(await push({ a: 'b' }, [entry]), { status: 204, message: '' })
  t.equal((await push({ a: 'b' }, [{ ...entry, structuredMetadata: [['-', 'x']] }])).status, 500)
  t.equal((await push({ a: 'b' }, [{ ...entry, line: 'x'.repeat(300_000) }])).status, 400)
  t.equal((await push({}, [entry], false)).status, 400)
  t.same(await push({ c: 'd' }, [entry], false), { status: 204, message: '' })
  t.equal(entrySize(entry), 5)
  t.same(seen, [
    [1, 5],
    ['line_too_long', 1, 300_003],
    [1, 300_003],
    ['missing_labels', 1, 5],
    [1, 5],
    [1, 5],
  ])
  t.same(
    (await select(store)).map(({ stream }) => stream.text),
    ['{a="b", service_name="unknown_service"}', '{c="d"}'],
  )
})
