/** What we export is what the real types of AI SDK 5, 6 and 7 ask for; `tsc` checks it. */
import type {LanguageModelMiddleware as Middleware7, Telemetry} from 'ai'
import type {LanguageModelMiddleware as Middleware5} from 'ai5'
import type {LanguageModelMiddleware as Middleware6} from 'ai6'
import {expect, test} from 'vitest'
import {createReasoningTelemetry, reasoningMiddleware} from '../../src/ai-sdk.ts'

test('the middleware is one of AI SDK 5, 6 and 7', () => {
  const five: Middleware5 = reasoningMiddleware()
  const six: Middleware6 = reasoningMiddleware()
  const seven: Middleware7 = reasoningMiddleware()
  for (const {wrapGenerate, wrapStream} of [five, six, seven]) {
    expect(wrapGenerate).toBeTypeOf('function')
    expect(wrapStream).toBeTypeOf('function')
  }
})

test('the integration is one of AI SDK 7, and has no hook that AI SDK 7 does not know', () => {
  const integration: Telemetry = createReasoningTelemetry()
  const known: Record<keyof ReturnType<typeof createReasoningTelemetry>, true> &
    Partial<Record<keyof Telemetry, true>> = {
    onStepStart: true,
    onLanguageModelCallStart: true,
    executeLanguageModelCall: true,
    onLanguageModelCallEnd: true,
    onEnd: true,
    onAbort: true,
    onError: true,
  }
  expect(Object.keys(integration).sort()).toEqual(Object.keys(known).sort())
})
