// Failures on request: the header `x-mock-error` of a request says how it fails.
//   429, 500, 529, …        that status, with the provider's error body (429 and 529 ask for a retry after 10 ms)
//   429;until=2             only until the client's second retry (the OpenAI and Anthropic SDKs count theirs in a header)
//   429;times=1;key=a       only the first request of the server that has this key
//   429;wait=1              asks for a retry after a second, in whole seconds as most do (`retry-after`)
//   cut;after=5             the connection breaks after five streamed events
//   cut;after=5;times=1;key=a   the same of the first request only
//   malformed;after=5       one event whose JSON is broken off stands between the fifth and the sixth
//   error;after=5           the provider's own error event comes after five, and the stream ends
const MESSAGES = {
  400: ['invalid_request_error', 'INVALID_ARGUMENT', 'The request is not valid.'],
  401: ['authentication_error', 'UNAUTHENTICATED', 'The key is not valid.'],
  429: ['rate_limit_error', 'RESOURCE_EXHAUSTED', 'Rate limit reached.'],
  500: ['api_error', 'INTERNAL', 'The server had an error.'],
  503: ['overloaded_error', 'UNAVAILABLE', 'Overloaded.'],
  529: ['overloaded_error', 'UNAVAILABLE', 'Overloaded.'],
}

/**
 * What the request asks for: `{status, headers}`, `{cutAfter}`, `{malformedAfter}`, `{errorAfter}` or nothing.
 *
 * @param seen how many requests had each key, on this server
 */
export function failureOf(headers, seen) {
  const [what, ...fields] = (headers['x-mock-error'] ?? '').split(';').map((part) => part.trim())
  if (!what) return {}
  const field = (name) => fields.find((f) => f.startsWith(`${name}=`))?.split('=')[1]
  const times = Number(field('times'))
  if (times) {
    const key = field('key') ?? ''
    const before = seen.get(key) ?? 0
    seen.set(key, before + 1)
    if (before >= times) return {}
  }
  const after = Number(field('after')) || 1
  if (what === 'cut') return {cutAfter: after}
  if (what === 'malformed') return {malformedAfter: after}
  if (what === 'error') return {errorAfter: after}
  const until = Number(field('until'))
  if (until && Number(headers['x-stainless-retry-count'] ?? 0) >= until) return {}
  const status = Number(what)
  const wait = field('wait')
  if (wait) return {status, headers: {'retry-after': wait}}
  return {status, headers: status === 429 || status === 529 ? {'retry-after-ms': '10'} : {}}
}

export function errorBody(path, status) {
  const [type, code, message] = MESSAGES[status] ?? ['api_error', 'UNKNOWN', `Status ${status}.`]
  if (path.endsWith('/messages')) {
    return {type: 'error', error: {type, message}, request_id: 'req_mock1'}
  }
  if (path.endsWith('/api/chat')) return {error: message}
  if (/\/converse(-stream)?$/.test(path)) return {message}
  if (/:(stream)?generateContent$/i.test(path))
    return {error: {code: status, message, status: code}}
  return {error: {message, type, param: null, code: type}}
}

/** The event that a provider sends where its answer breaks off: an overload in the middle. */
export function errorEvent(path) {
  const [type, code, message] = MESSAGES[529]
  if (path.endsWith('/messages')) {
    return {event: 'error', data: {type: 'error', error: {type, message}, request_id: 'req_mock1'}}
  }
  if (path.endsWith('/responses')) {
    const data = {type: 'error', code: type, message, param: null, sequence_number: 0}
    return {event: 'error', data}
  }
  if (/:streamGenerateContent$/i.test(path))
    return {data: {error: {code: 503, message, status: code}}}
  return {data: {error: {message, type, param: null, code: type}}}
}
