/** The label service_name. */
import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import { SERVICE_LABELS, withServiceName } from '../../../lib/store/service-name.ts'

const added = (labels: Record<string, string>, from = SERVICE_LABELS): string | undefined =>
  withServiceName(labelSet(labels), from).get('service_name')

t.equal(added({ job: 'j', container: 'c' }), 'c', 'the first of the list, not of the labels')
t.equal(added({ app: '', job: 'j' }), 'j')
t.equal(added({ other: 'x' }), 'unknown_service')
t.equal(added({}), 'unknown_service')
t.equal(added({ app: 'a', service_name: 's' }), 's')
t.equal(added({ app: 'a' }, []), undefined, 'switched off')
t.equal(added({ team: 't', app: 'a' }, ['team']), 't')
