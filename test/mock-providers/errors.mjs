// Failures on request: the header `x-mock-error` of a request says how it fails.
//   429, 500, 529, …    that status, with the provider's error body (429 and 529 ask for a retry after 10 ms)
//   429;until=2         only until the client's second retry (the OpenAI and Anthropic SDKs count theirs in a header)
//   cut;after=5         the connection breaks after five streamed events

const MESSAGES = {
  400: ['invalid_request_error', 'INVALID_ARGUMENT', 'The request is not valid.'],
  401: ['authentication_error', 'UNAUTHENTICATED', 'The key is not valid.'],
  429: ['rate_limit_error', 'RESOURCE_EXHAUSTED', 'Rate limit reached.'],
  500: ['api_error', 'INTERNAL', 'The server had an error.'],
  529: ['overloaded_error', 'UNAVAILABLE', 'Overloaded.'],
}

/** What the request asks for: `{status}`, `{cutAfter}` or nothing. */
export function failureOf(headers) {
  const [what, ...fields] = (headers['x-mock-error'] ?? '').split(';').map((part) => part.trim())
  if (!what) return {}
  const field = (name) => Number(fields.find((f) => f.startsWith(`${name}=`))?.split('=')[1])
  if (what === 'cut') return {cutAfter: field('after') || 1}
  const until = field('until')
  if (until && Number(headers['x-stainless-retry-count'] ?? 0) >= until) return {}
  return {status: Number(what)}
}

export function errorBody(path, status) {
  const [type, code, message] = MESSAGES[status] ?? ['api_error', 'UNKNOWN', `Status ${status}.`]
  if (path.endsWith('/messages')) return {type: 'error', error: {type, message}}
  if (path.endsWith('/api/chat')) return {error: message}
  if (/\/converse(-stream)?$/.test(path)) return {message}
  if (/:(stream)?generateContent$/i.test(path))
    return {error: {code: status, message, status: code}}
  return {error: {message, type, param: null, code: type}}
}
