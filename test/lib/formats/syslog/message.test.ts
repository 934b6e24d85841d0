import t from 'tap'
import { facilityName, formatRfc5424, severityName } from '../../../../lib/formats/syslog/message.ts'

void t.test('names of priorities', async (t) => {
  t.equal(`${facilityName(0)}.${severityName(0)}`, 'kern.emergency')
  t.equal(`${facilityName(165)}.${severityName(165)}`, 'local4.notice')
  t.equal(`${facilityName(191)}.${severityName(191)}`, 'local7.debug')
  t.equal(facilityName(200), '', 'a facility that does not exist has no name')
})

void t.test('times are printed with at most six digits and no trailing zeros', async (t) => {
  const printed = (timeText: string): string => formatRfc5424({ version: 1, timeText }).split(' ')[1]!
  t.equal(printed('2024-01-02T03:04:05.100000Z'), '2024-01-02T03:04:05.1Z')
  t.equal(printed('2024-01-02T03:04:05.000000+02:00'), '2024-01-02T03:04:05+02:00')
  t.equal(printed('2024-01-02T03:04:05.1234567-00:00'), '2024-01-02T03:04:05.123456Z')
  t.equal(printed('2024-01-02T03:04:10Z'), '2024-01-02T03:04:10Z')
})
