/** The table of sources, and of the components that find their targets. */
import type { ComponentDefinition } from '../component.ts'
import { localFileMatch } from './file-match.ts'
import { lokiSourceFile } from './file.ts'

export const sources = [localFileMatch, lokiSourceFile] as unknown as readonly ComponentDefinition[]
