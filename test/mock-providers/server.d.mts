/** A call of a tool that the model makes. */
export interface MockCall {
  name: string
  arguments: Record<string, unknown>
}

/** One answer of the model: it calls tools, or it answers. */
export interface MockTurn {
  thought: string
  /** Parts of the summary (OpenAI Responses); the thought as one part where absent. */
  summary?: readonly string[]
  /** Text before a tool call (Anthropic). */
  lead?: string
  calls?: readonly MockCall[]
  answer?: string
  /** Derived from the texts where absent. */
  usage?: {input: number; output: number; reasoning: number; answer: number}
  /** Pause before an answer that is not streamed. */
  pauseMs?: number
}

export interface MockOptions {
  /** 0, the default, takes any free port. */
  port?: number
  /** Pause before each streamed event; four times as long before an answer that is not streamed. */
  delayMs?: number
  /** Chosen by the request's header `x-mock-conversation`. */
  conversations?: Readonly<Record<string, readonly MockTurn[]>>
}

export interface MockProviders {
  url: string
  port: number
  close: () => Promise<void>
}

export function startMockProviders(options?: MockOptions): Promise<MockProviders>
