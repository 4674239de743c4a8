/**
 * Finds the packages of OpenTelemetry's SDK that the application has installed. They are optional
 * for this package, so that it must look for them where the application does.
 */

export type Loaded = Readonly<Record<string, any>>

export interface Packages {
  /** The package, loaded; `undefined` where it is not there or does not load. */
  load(name: string): Loaded | undefined
  /** Its major version; `undefined` where it is not there. */
  majorOf(name: string): number | undefined
}

const builtin = <T>(name: string): T => process.getBuiltinModule?.(name as never) as T

/** What we found by, as in a file of that folder. */
type Require = ReturnType<(typeof import('node:module'))['createRequire']>

/** Packages that bring the SDK along without it being installed beside them. */
const CARRIERS = ['@opentelemetry/sdk-node', '@opentelemetry/sdk-trace-node'] as const
const SDKS = ['@opentelemetry/sdk-trace-base', '@opentelemetry/sdk-trace'] as const
const EXPORTERS = [
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/exporter-trace-otlp-http',
] as const

/** @param folders where the application is; looked into in this order */
export function findPackages(folders: readonly string[]): Packages {
  const {createRequire} = builtin<typeof import('node:module')>('node:module')
  const {join, dirname} = builtin<typeof import('node:path')>('node:path')
  const {readFileSync} = builtin<typeof import('node:fs')>('node:fs')
  const places: Require[] = folders.map((folder) => createRequire(join(folder, 'index.js')))

  const resolve = (name: string): {path: string; from: Require} | undefined => {
    for (const from of places) {
      try {
        return {path: from.resolve(name), from}
      } catch {
        // Not there.
      }
    }
    return undefined
  }
  // Where packages are not hoisted, ours sees its peers, and theirs see what they depend on.
  for (const name of ['otel-reasoning/register', ...CARRIERS, ...SDKS, ...EXPORTERS]) {
    const found = resolve(name)
    if (found !== undefined) places.push(createRequire(found.path))
  }

  return {
    load(name) {
      const found = resolve(name)
      try {
        return found?.from(name) as Loaded | undefined
      } catch {
        return undefined
      }
    },
    majorOf(name) {
      let folder = resolve(name)?.path
      // `exports` may hide the description, so it is looked for above the file.
      for (let depth = 0; folder !== undefined && depth < 8; depth++) {
        folder = dirname(folder)
        try {
          const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
          if (description.name === name) return Number(String(description.version).split('.')[0])
        } catch {
          // One further up.
        }
      }
      return undefined
    },
  }
}

/** The folders of the program that runs, of its entry first. */
export function applicationFolders(): string[] {
  const {dirname} = builtin<typeof import('node:path')>('node:path')
  const {realpathSync} = builtin<typeof import('node:fs')>('node:fs')
  const entry = process.argv[1]
  if (entry === undefined) return [process.cwd()]
  let real = entry
  try {
    real = realpathSync(entry)
  } catch {
    // Not a file of its own, as with an entry without its extension.
  }
  return [...new Set([dirname(real), dirname(entry), process.cwd()])]
}

/** Versions that belong together: npm refuses mixtures. */
const VERSIONS = {2: {sdk: '2', exporter: '0.223'}, 3: {sdk: '3', exporter: '0.301'}} as const

/** The line that installs what is missing, for the line of the SDK that is there already. */
export function installLine(packages: Packages, missing: readonly string[]): string {
  const isThird =
    packages.majorOf('@opentelemetry/sdk-trace') === 3 ||
    packages.majorOf('@opentelemetry/context-async-hooks') === 3
  const {sdk, exporter} = VERSIONS[isThird ? 3 : 2]
  const versions = missing.map((name) => `${name}@${name.includes('exporter') ? exporter : sdk}`)
  return `npm install ${versions.join(' ')}`
}
