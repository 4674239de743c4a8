/** What others tell of a call, as log events and recorders would. */
import type {Contribution} from '../../src/hub.ts'
import {NOTHING_CAPTURED} from '../../src/merge.ts'
import type {CapturedCall, ReasoningBlock} from '../../src/model.ts'

export const logContribution = (
  text: string,
  call: Partial<CapturedCall> = {},
  block: Partial<ReasoningBlock> = {},
): Contribution => ({
  origin: 'log',
  call: {
    ...NOTHING_CAPTURED,
    ...call,
    items: [{type: 'reasoning', block: {text, visibility: 'full', source: 'gen_ai', ...block}}],
  },
})
