/**
 * Labels that the owner of a Firehose stream sets as parameters of its destination: those of the header
 * `X-Amz-Firehose-Common-Attributes` whose names begin with `lbl_`.
 */
import { validLegacyLabelName } from '../../telemetry/classic-names.ts'

const PREFIX = 'lbl_'

/** Reasons under the names of Alloy's metric. */
export type AttributeFault = 'invalid_json_format' | 'invalid_label_name'

/** Labels without the prefix; `refused` is called for each that is left out. */
export function attributeLabels(
  header: string,
  refused: (fault: AttributeFault) => void,
): [string, string][] {
  if (header === '') return []
  const attributes = attributesIn(header)
  if (attributes === undefined) {
    refused('invalid_json_format')
    return []
  }
  const labels: [string, string][] = []
  for (const [attribute, value] of Object.entries(attributes)) {
    if (!attribute.startsWith(PREFIX)) continue
    const name = labelName(attribute.slice(PREFIX.length))
    if (name === undefined) refused('invalid_label_name')
    else labels.push([name, value])
  }
  return labels
}

// header = { "commonAttributes": { name: value } }
function attributesIn(header: string): Readonly<Record<string, string>> | undefined {
  try {
    const { commonAttributes: found } = JSON.parse(header) as { readonly commonAttributes?: unknown }
    if (found === undefined || found === null) return {}
    if (typeof found !== 'object' || Array.isArray(found)) return undefined
    const texts = Object.values(found).every((value) => typeof value === 'string')
    return texts ? (found as Record<string, string>) : undefined
  } catch {
    return undefined
  }
}

/** As in Alloy: a name that Loki wouldn't take becomes snake_case, with underscores for what separates words. */
function labelName(text: string): string | undefined {
  if (validLegacyLabelName(text)) return text
  const name = text
    .replace(/(?<=[\p{Ll}\p{Nd}])(?=\p{Lu})/gu, '_')
    .replaceAll('%', '_percent')
    .replace(/[ ,\t/\\.\-:=@<>()“]/g, '_')
    .toLowerCase()
  return validLegacyLabelName(name) ? name : undefined
}
