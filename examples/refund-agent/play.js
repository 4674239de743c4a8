import {runRefundAgent} from './agent.js'
import {CASES, MODEL, conversations} from './cases.js'
import {startMockProviders} from '../../test/mock-providers/server.mjs'

/**
 * Runs the agent once for each case, one after the other, against a mock provider on a loopback
 * port. Start telemetry before: only what is imported after that is instrumented.
 */
export async function playCases({pauses = true, onDone = () => {}} = {}) {
  const {default: OpenAI} = await import('openai')
  const provider = await startMockProviders({
    conversations: pauses ? conversations : withoutPauses(conversations),
  })
  try {
    for (const {name, title, lookFor, order, message} of CASES) {
      const client = new OpenAI({
        baseURL: `${provider.url}/v1`,
        apiKey: 'none-needed',
        defaultHeaders: {'x-mock-conversation': name},
      })
      const started = performance.now()
      const answer = await runRefundAgent({client, model: MODEL, message, conversationId: name})
      await onDone({
        name,
        title,
        lookFor,
        order,
        answer,
        seconds: (performance.now() - started) / 1000,
      })
    }
  } finally {
    await provider.close()
  }
}

function withoutPauses(played) {
  const turnsOf = (turns) => turns.map((turn) => ({...turn, pauseMs: 0}))
  return Object.fromEntries(Object.entries(played).map(([name, turns]) => [name, turnsOf(turns)]))
}
