// Runs agent.js with the packages of `test/clients`, where this repository keeps the AI SDK.
import * as modules from 'node:module'

const clients = new URL('../../test/clients/package.json', import.meta.url).href

if (modules.registerHooks === undefined) {
  console.error(`This needs Node 22.15 or newer, and this is ${process.version}.`)
  process.exit(1)
}
modules.registerHooks({
  resolve(specifier, context, next) {
    const isClient = specifier === 'ai' || specifier.startsWith('@ai-sdk/')
    const isOurs = context.parentURL?.startsWith(new URL('.', import.meta.url).href) === true
    return next(specifier, isClient && isOurs ? {...context, parentURL: clients} : context)
  },
})
await import('./agent.js')
