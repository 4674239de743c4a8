/** JSON that `JSON.parse` refuses: cut by an attribute limit, or broken on the way. */
import {readLeniently} from './lenient-reader.ts'
import type {Reading} from './lenient-reader.ts'

/**
 * Reads what is readable of a JSON text. Where the text was cut, the values before the cut are
 * there, the string in which it was cut with its beginning, and `complete` is false. Also takes
 * trailing and missing commas, bare line breaks in strings, `NaN`, and single quotes. Never throws.
 */
export const readTolerantJson = (text: string): Reading => readLeniently(text, false)
