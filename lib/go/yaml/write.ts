/** Values as YAML text. */
import { stringify } from 'yaml'

/** Numbers and booleans that are texts stay plain where YAML 1.1 reads them as the same text. */
export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, version: '1.1' })
}
