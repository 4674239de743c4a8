/** Reasoning from the AI SDK: an integration for version 7, a middleware for 5 and 6. */
export {type ReasoningMiddleware, reasoningMiddleware} from './capture/ai-sdk/middleware.ts'
export type {AiSdkOptions} from './capture/ai-sdk/options.ts'
export {createReasoningTelemetry, type ReasoningTelemetry} from './capture/ai-sdk/telemetry.ts'
export type {WireLimits} from './capture/wire/index.ts'
