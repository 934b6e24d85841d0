/** JSON text as values of the language. */
import { JsonError, readJson } from '../../go/json/reader.ts'
import { ValueError, type Value } from '../value.ts'

/**
 * The value of a JSON text. `number` gets each number as it is written: encoding.from_json and json_path differ in what
 * they make of it. Throws ValueError for text that isn't JSON.
 */
export function readJsonValue(text: string, number: (raw: string) => Value): Value {
  try {
    return readJson<Value>(text, {
      word: (value) => value,
      string: (value) => value,
      number,
      list: (items) => items,
      object: (fields) => fields,
    })
  } catch (error) {
    if (error instanceof JsonError) throw new ValueError(error.message)
    throw error
  }
}
