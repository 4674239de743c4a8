import {spawnSync} from 'node:child_process'
import {copyFileSync, existsSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {installPackage, type Project} from './installed.ts'

const strictest = {
  target: 'es2022',
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  // Our declarations and those of the SDK are part of what is tested.
  skipLibCheck: false,
}

const resolutions = {
  nodenext: {module: 'nodenext'},
  bundler: {module: 'esnext', moduleResolution: 'bundler'},
}

const projects: Project[] = []
afterAll(() => {
  for (const {remove} of projects) remove()
})

/** What `tsc` says of a consumer; nothing when it compiles. */
function compile(user: Project, consumer: string, options: object): string {
  copyFileSync(`test/package/consumers/${consumer}.ts`, join(user.folder, `${consumer}.ts`))
  writeFileSync(join(user.folder, 'package.json'), '{"type": "module"}')
  writeFileSync(
    join(user.folder, 'tsconfig.json'),
    JSON.stringify({compilerOptions: options, files: [`${consumer}.ts`]}),
  )
  const {stdout, stderr} = spawnSync(
    process.execPath,
    [resolve('node_modules/typescript/bin/tsc'), '-p', user.folder],
    {encoding: 'utf8'},
  )
  return (stdout + stderr).trim()
}

function userOf(set: 'sdk2' | 'sdk3', dependencies?: readonly string[]): Project {
  const made = installPackage(set, dependencies)
  projects.push(made)
  return made
}

describe.each(Object.entries(resolutions))('types under %s resolution', (_name, resolution) => {
  test('compile beside the API alone, in a browser’s project without the types of Node', () => {
    const options = {...strictest, ...resolution, lib: ['es2022', 'dom'], types: []}
    const linked = ['@opentelemetry/api', 'protobufjs']
    expect(compile(userOf('sdk2', linked), 'api-only', options)).toBe('')
  })

  test.each(['sdk2', 'sdk2-trace'])('compile beside SDK 2.x: %s', (consumer) => {
    const options = {...strictest, ...resolution, types: ['node']}
    expect(compile(userOf('sdk2'), consumer, options)).toBe('')
  })

  test('compile beside SDK 3.x', (context) => {
    if (!existsSync('test/sdk3/node_modules')) context.skip('test/sdk3 is not installed')
    const options = {...strictest, ...resolution, types: ['node']}
    expect(compile(userOf('sdk3'), 'sdk3', options)).toBe('')
  })

  test('refuse wrong calls', () => {
    const options = {...strictest, ...resolution, lib: ['es2022', 'dom'], types: []}
    expect(compile(userOf('sdk2', ['@opentelemetry/api', 'protobufjs']), 'mistakes', options)).toBe(
      '',
    )
  })
})
