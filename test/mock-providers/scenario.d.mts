import type {MockTurn} from './server.mjs'

export const THOUGHT_SENTENCES: readonly string[]
export const THOUGHT: string
export const SUMMARY_PARTS: readonly string[]
export const THOUGHT_BEFORE_TOOL: string
export const SUMMARY_BEFORE_TOOL: readonly string[]
export const ANSWER: string
export const TOOL: {name: string; arguments: {order_id: string}}
export const SIGNATURE: string
export const REDACTED: string
export const ENCRYPTED: string
export const THOUGHT_SIGNATURE: string
export const USAGE: {input: number; output: number; reasoning: number; answer: number}
export const DEFAULT_CONVERSATION: readonly MockTurn[]
export function halves(text: string): string[]
