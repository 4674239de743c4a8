/** Where a text names the tools that were called after it. */
import type {ToolCall} from '../model.ts'
import {UNDERSCORE, isDigit, isLower, isUpper} from './characters.ts'

/** Distinct tools that are looked for; a call of dozens of tools must not cost dozens of scans. */
const MAX_NAMES = 8
/** A shorter name than this is too likely a part of some word. */
const MIN_NAME_LENGTH = 3

/** Offsets at which a tool's name stands as a word of its own, ascending. */
export function findMentions(text: string, toolCalls: readonly ToolCall[]): number[] {
  const mentions: number[] = []
  const names = new Set<string>()
  for (const {name} of toolCalls) {
    if (names.size < MAX_NAMES && name.length >= MIN_NAME_LENGTH) names.add(name)
  }
  for (const name of names) {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
      if (!isWordPart(text, at - 1) && !isWordPart(text, at + name.length)) mentions.push(at)
    }
  }
  return mentions.sort((a, b) => a - b)
}

function isWordPart(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return isLower(code) || isUpper(code) || isDigit(code) || code === UNDERSCORE
}
