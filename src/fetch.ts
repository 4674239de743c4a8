/** Reasoning from the provider's own response: a tap on `fetch`. */
export {instrumentFetch, tapFetch} from './capture/wire/fetch.ts'
export type {FetchTapOptions} from './capture/tap-options.ts'
export type {WireLimits} from './capture/wire/index.ts'
