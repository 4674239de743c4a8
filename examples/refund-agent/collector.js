/** Where the OTLP exporter sends traces to, by its own environment variables. */
export function tracesUrl(env = process.env) {
  if (env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT || 'http://localhost:4318'
  return `${base.replace(/\/$/, '')}/v1/traces`
}

/** The same address if something there takes traces; asked with an empty request, for half a second. */
export async function answeringTracesUrl(env = process.env) {
  const url = tracesUrl(env)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: '{"resourceSpans":[]}',
      signal: AbortSignal.timeout(500),
    })
    return response.ok ? url : undefined
  } catch {
    return undefined
  }
}
