/** Reasoning from the provider's own response: a tap on `fetch`. */
export {type FetchTapOptions, instrumentFetch, tapFetch} from './capture/wire/fetch.ts'
export type {WireLimits} from './capture/wire/index.ts'
