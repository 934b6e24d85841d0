/**
 * The Unicode side of Go's regular expressions: `\p{…}` names, and simple case folding for `(?i)`. Both are read
 * out of the JavaScript engine on first use (no tables are shipped), so code points are those of its Unicode
 * version, while the accepted names are Go's.
 */
import type { CharSet } from './charset.ts'
import { contains, negate, normalize } from './charset.ts'

const CATEGORIES =
  'C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs'

/** Long names of the categories, which Go takes since 1.25 (unicode.CategoryAliases). */
const ALIASES =
  'Cased_Letter=LC Close_Punctuation=Pe Combining_Mark=M Connector_Punctuation=Pc Control=Cc Currency_Symbol=Sc ' +
  'Dash_Punctuation=Pd Decimal_Number=Nd Enclosing_Mark=Me Final_Punctuation=Pf Format=Cf Initial_Punctuation=Pi ' +
  'Letter=L Letter_Number=Nl Line_Separator=Zl Lowercase_Letter=Ll Mark=M Math_Symbol=Sm Modifier_Letter=Lm ' +
  'Modifier_Symbol=Sk Nonspacing_Mark=Mn Number=N Open_Punctuation=Ps Other=C Other_Letter=Lo Other_Number=No ' +
  'Other_Punctuation=Po Other_Symbol=So Paragraph_Separator=Zp Private_Use=Co Punctuation=P Separator=Z ' +
  'Space_Separator=Zs Spacing_Mark=Mc Surrogate=Cs Symbol=S Titlecase_Letter=Lt Unassigned=Cn ' +
  'Uppercase_Letter=Lu cntrl=Cc digit=Nd punct=P'

/** The scripts of Unicode 15, which is Go's (unicode.Scripts). */
const SCRIPTS =
  'Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki ' +
  'Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee ' +
  'Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan ' +
  'Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi ' +
  'Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited ' +
  'Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi ' +
  'Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani ' +
  'Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui ' +
  'Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari ' +
  'New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian ' +
  'Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong ' +
  'Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian ' +
  'Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le ' +
  'Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai ' +
  'Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square'

/** Names are compared without case, spaces, hyphens and underscores (Unicode TR18, as Go does since 1.25). */
function canonical(name: string): string {
  return name.replace(/[ _-]/g, '').toLowerCase()
}

/** Canonical name → the JavaScript property expression that stands for it. */
function propertyTable(): ReadonlyMap<string, string> {
  const table = new Map<string, string>([
    ['any', 'Any'],
    ['ascii', 'ASCII'],
    ['assigned', 'Assigned'],
  ])
  for (const script of SCRIPTS.split(' ')) table.set(canonical(script), `Script=${script}`)
  for (const alias of ALIASES.split(' ')) {
    const [name, category] = alias.split('=')
    table.set(canonical(name!), `gc=${category}`)
  }
  for (const category of CATEGORIES.split(' ')) table.set(canonical(category), `gc=${category}`)
  return table
}

let properties: ReadonlyMap<string, string> | undefined
const propertySets = new Map<string, CharSet>()

/** Code points that can have a property of their own: planes 0–3 and 14, without the surrogates. */
const SCANNED: CharSet = [0, 0xd7_ff, 0xe0_00, 0xff_ff, 0x1_00_00, 0x3_ff_ff, 0xe_00_00, 0xe_ff_ff]
/** Surrogates, the unassigned planes 4–13 and the private planes 15–16: all of a range are alike. */
const UNIFORM: CharSet = [
  0xd8_00, 0xdf_ff, 0x4_00_00, 0xd_ff_ff, 0xf_00_00, 0xf_ff_fd, 0xf_ff_fe, 0xf_ff_ff, 0x10_00_00, 0x10_ff_fd,
  0x10_ff_fe, 0x10_ff_ff,
]
const BLOCK = 0x8_00

function scanProperty(expression: string): CharSet {
  const runs = new RegExp(`\\p{${expression}}+`, 'gu')
  const ranges: number[] = []
  for (let i = 0; i < SCANNED.length; i += 2) {
    for (let block = SCANNED[i]!; block <= SCANNED[i + 1]!; block += BLOCK) {
      const units = block > 0xff_ff ? 2 : 1
      const text = String.fromCodePoint(...Array.from({ length: BLOCK }, (_, offset) => block + offset))
      for (const run of text.matchAll(runs)) {
        const first = block + run.index / units
        ranges.push(first, first + run[0].length / units - 1)
      }
    }
  }
  const one = new RegExp(`^\\p{${expression}}$`, 'u')
  for (let i = 0; i < UNIFORM.length; i += 2) {
    if (one.test(String.fromCodePoint(UNIFORM[i]!))) ranges.push(UNIFORM[i]!, UNIFORM[i + 1]!)
  }
  return normalize(ranges)
}

/** The code points of a `\p{name}` class, or undefined if Go knows no such name. */
export function unicodeClass(name: string): CharSet | undefined {
  properties ??= propertyTable()
  const expression = properties.get(canonical(name))
  if (expression === undefined || !/^[A-Za-z]/.test(name.replace(/^[ _-]+/, ''))) return undefined
  let set = propertySets.get(expression)
  if (set === undefined) {
    set = scanProperty(expression)
    propertySets.set(expression, set)
  }
  return set
}

let orbits: readonly CharSet[] | undefined

/**
 * Groups of code points that are equal under simple case folding (CaseFolding.txt, statuses C and S). Upper and
 * lower case are the candidates; the engine's own `iu` comparison confirms them: it keeps ı and İ apart from i.
 */
function foldOrbits(): readonly CharSet[] {
  const groups = new Map<string, number[]>()
  for (let codePoint = 0; codePoint < 0x2_00_00; codePoint++) {
    const char = String.fromCodePoint(codePoint)
    const lower = char.toLowerCase()
    const upper = char.toUpperCase()
    if (lower === char && upper === char) continue
    for (const other of [lower, upper, lower.toUpperCase(), upper.toLowerCase()]) {
      const target = other.codePointAt(0)!
      if (String.fromCodePoint(target) !== other || target === codePoint) continue
      if (!new RegExp(`^${char}$`, 'iu').test(other)) continue
      const merged = [...(groups.get(char) ?? [codePoint]), ...(groups.get(other) ?? [target])]
      for (const member of merged) groups.set(String.fromCodePoint(member), merged)
    }
  }
  return [...new Set(groups.values())].map((members) => normalize(members.flatMap((c) => [c, c])))
}

/** Letters of ASCII and the two signs outside that fold to them: K (U+212A) to k, ſ (U+017F) to s. */
function foldAscii(set: CharSet): CharSet {
  const extra: number[] = []
  for (let lower = 97; lower <= 122; lower++) {
    if (!contains(set, lower) && !contains(set, lower - 32)) continue
    extra.push(lower, lower, lower - 32, lower - 32)
    if (lower === 107) extra.push(0x21_2a, 0x21_2a)
    if (lower === 115) extra.push(0x1_7f, 0x1_7f)
  }
  return normalize([...set, ...extra])
}

/** The set and everything that equals one of its members when case is ignored, as `(?i)` means it in Go. */
export function foldCase(set: CharSet): CharSet {
  if (set.length === 0 || negate(set).length === 0) return set
  if (set[set.length - 1]! < 0x80) return foldAscii(set)
  orbits ??= foldOrbits()
  const extra: number[] = []
  for (const orbit of orbits) {
    let met = false
    for (let i = 0; i < orbit.length && !met; i += 2) {
      for (let c = orbit[i]!; c <= orbit[i + 1]! && !met; c++) met = contains(set, c)
    }
    if (met) extra.push(...orbit)
  }
  return normalize([...set, ...extra])
}
