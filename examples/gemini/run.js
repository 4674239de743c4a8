// Runs agent.js with the packages of `test/clients`, where this repository keeps Google's client.
import * as modules from 'node:module'

const here = new URL('.', import.meta.url).href
const clients = new URL('../../test/clients/package.json', import.meta.url).href
const root = new URL('../../package.json', import.meta.url).href

if (modules.registerHooks === undefined) {
  console.error(`This needs Node 22.15 or newer, and this is ${process.version}.`)
  process.exit(1)
}
modules.registerHooks({
  resolve(specifier, context, next) {
    const isBelow = context.parentURL?.startsWith(here) === true
    const isClient = isBelow && specifier === '@google/genai'
    const isOurs = isBelow && /^otel-reasoning(?:\/|$)/.test(specifier)
    const parentURL = isClient ? clients : isOurs ? root : context.parentURL
    return next(specifier, {...context, parentURL})
  },
})
await import('./agent.js')
