/** Signs of reasoning in text that could not be read as a structure, or not to its end. */
import {
  isOpaqueName,
  isReasoningName,
  isSettingWord,
  reasoningType,
} from '../capture/reasoning-part.ts'

/** Every name, type and tag of reasoning has one of these words in it. */
const HINT =
  /reason|think|thought|summary_text|encrypted|redacted|reflection|signature|\|channel\|/i

/** A quoted name before a colon, or a bare one before `=` and a quote or bracket. */
const NAMED =
  /\\{0,8}["']([A-Za-z_]{4,40})\\{0,8}["']\s{0,4}:\s{0,4}(\\{0,8}["'[{(]|[\w.-]{1,24})|\b([A-Za-z_]{4,40})=\\{0,8}["'[{(]/g

/** A discriminator and its value. */
const TYPED = /(?:type|kind)\\{0,8}["']?\s{0,4}[:=]\s{0,4}\\{0,8}["']([\w.-]{4,40})/g

/** Whether a text can have anything to do with reasoning. Cheap; often says yes. */
export const hasHint = (text: string): boolean => HINT.test(text)

/** Whether a text has the notation of reasoning in it, and not just the word. */
export function hasMarker(text: string): boolean {
  if (!HINT.test(text)) return false
  for (const match of text.matchAll(NAMED)) {
    const name = match[1] ?? match[3] ?? ''
    if (match[2] !== undefined && isSettingWord(match[2])) continue
    if (isReasoningName(name) || isOpaqueName(name)) return true
  }
  for (const match of text.matchAll(TYPED)) {
    if (reasoningType({type: match[1]}) !== undefined) return true
  }
  return false
}
