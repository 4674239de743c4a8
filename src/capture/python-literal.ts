/** What Python's `repr` and `str` print: some instrumentations write that instead of JSON. */
import {readLeniently} from './lenient-reader.ts'
import type {Reading} from './lenient-reader.ts'

/**
 * Reads a Python literal: dicts, lists, tuples and sets (both as arrays), strings of both quotes with
 * their escapes, `None`, `True`, `False`, numbers, and the `repr` of objects:
 * `Choice(index=0, message=None)` becomes `{$type: "Choice", index: 0, message: null}`.
 * As forgiving about what was cut as the JSON reader is. Never throws.
 */
export const readPythonLiteral = (text: string): Reading => readLeniently(text, true)
