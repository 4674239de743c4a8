/** What a processor or exporter did and what it had to give up. Every limit has its counter here. */

/** A snapshot of counters since construction, and of what waits now. @public */
export interface ReasoningStats {
  /** Spans that were seen. */
  spans: number
  /** Model calls that had reasoning to show. */
  calls: number
  blocks: number
  /** Steps found, written or not. */
  steps: number
  /** Signals, each of which is one event. */
  signals: number
  /** Our spans that were handed on. */
  spansMade: number
  /** Step spans that were handed on while their call ran; they count as `spansMade` too. */
  liveSteps: number
  /**
   * Calls whose steps came with their end, since too many calls ran, too much text waited or the
   * network had worked for as long as it may.
   */
  liveCallsDropped: number
  /** Blocks whose call had left already. */
  lateBlocks: number
  /** Step spans that `maxSpansPerSecond` did not allow. */
  stepsOverBudget: number
  /** Spans that left unexpanded because `maxPendingSpans` or `maxPendingLength` was reached. */
  unexpandedOverload: number
  /** Spans that left unexpanded because of a fault. */
  unexpandedFault: number
  /** Calls whose classifier took longer than `maxHoldMillis`: they left with the rules. */
  heldTooLong: number
  /** Calls that the rules labelled because `maxNetworkMillis` was spent. */
  labelledByRules: number
  /** Faults of any kind: of ours, of a classifier, of a policy function. */
  errors: number
  /** Spans that ended after `shutdown()` had begun; they go nowhere. */
  spansAfterShutdown: number
  /** Our spans that the exporter did not take. */
  spansFailed: number
  /** Our spans that were dropped because too many waited for the exporter. */
  spansDropped: number
  /** Spans that wait for analysis now. */
  pendingSpans: number
  /** UTF-16 code units of text that wait for analysis now. */
  pendingLength: number
  /** What log events, taps and recorders told in this process that no span ever asked for. */
  orphaned: number
}

/** All zero. @internal */
export const emptyStats = (): ReasoningStats => ({
  spans: 0,
  calls: 0,
  blocks: 0,
  steps: 0,
  signals: 0,
  spansMade: 0,
  liveSteps: 0,
  liveCallsDropped: 0,
  lateBlocks: 0,
  stepsOverBudget: 0,
  unexpandedOverload: 0,
  unexpandedFault: 0,
  heldTooLong: 0,
  labelledByRules: 0,
  errors: 0,
  spansAfterShutdown: 0,
  spansFailed: 0,
  spansDropped: 0,
  pendingSpans: 0,
  pendingLength: 0,
  orphaned: 0,
})
