import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {build} from 'esbuild'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {entries} from '../../scripts/entries.mjs'
import {installPackage, type Project} from './installed.ts'

const libraries = entries.filter(({subpath}) => subpath !== null)
const commands = entries.filter(({subpath}) => subpath === null)
const specifier = (subpath: string | null): string => `otel-reasoning${subpath?.slice(1) ?? ''}`

/** The Node of this run, the machine's own and the newest we promise, each once. */
const nodes = [
  ...new Map(
    [process.execPath, process.env['npm_node_execpath'], resolve('node_modules/.bin/node')]
      .filter((path): path is string => path !== undefined && existsSync(path))
      .map((path) => [execFileSync(path, ['--version'], {encoding: 'utf8'}).trim(), path]),
  ),
]

let user: Project
beforeAll(() => {
  user = installPackage('sdk2', ['@opentelemetry/api', 'protobufjs', 'long', '@protobufjs'])
})
afterAll(() => user.remove())

const readJson = (path: string): Record<string, any> => JSON.parse(readFileSync(path, 'utf8'))

describe('the entries', () => {
  test('are the same in package.json, the build table and the declarations’ configuration', () => {
    const {exports, bin} = readJson('package.json')
    expect(Object.keys(exports)).toEqual([
      ...libraries.map(({subpath}) => subpath),
      './package.json',
    ])
    for (const {name, subpath} of libraries) {
      expect(exports[subpath as string]).toEqual({
        types: `./dist/${name}.d.ts`,
        default: `./dist/${name}.js`,
      })
    }
    expect(Object.values(bin)).toEqual(commands.map(({name}) => `./dist/${name}.js`))
    expect(readJson('tsconfig.build.json')['files']).toEqual(libraries.map(({source}) => source))
  })

  test('are built into one file each, which imports only what the table allows', () => {
    const dist = join(user.folder, 'node_modules/otel-reasoning/dist')
    const scripts = readdirSync(dist).filter((file) => file.endsWith('.js'))
    // And the data of the classifier, which is read or imported when it is first needed.
    const names = [...entries.map(({name}) => name), 'kinds-data']
    expect(scripts.sort()).toEqual(names.map((name) => `${name}.js`).sort())
    for (const {name, imports} of entries) {
      const code = readFileSync(join(dist, `${name}.js`), 'utf8')
      const found = [...code.matchAll(/^(?:import|export) [^;]*?from "([^"]+)";$/gm)]
        .map((match) => match[1] as string)
        .filter((path) => !imports.some((allowed) => path.startsWith(allowed)))
      expect(found, `${name}.js`).toEqual([])
    }
  })

  test('carry no source, test or script of the repository, but licence and notice', () => {
    const root = join(user.folder, 'node_modules/otel-reasoning')
    const files = readdirSync(root, {recursive: true, encoding: 'utf8'})
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md']),
    )
    expect(
      files.filter(
        (file) => !/^(dist|docs|collector-config)\b|^[A-Z]+(\.md)?$|^package\.json$/.test(file),
      ),
    ).toEqual([])
    expect(files.filter((file) => /\.test\.|\.built$/.test(file))).toEqual([])
  })

  test('of libraries but the command line bundle for a browser: no static `node:` import', async () => {
    for (const {subpath} of libraries) {
      const {warnings} = await build({
        stdin: {contents: `export * from '${specifier(subpath)}'`, resolveDir: user.folder},
        bundle: true,
        write: false,
        platform: 'browser',
        logLevel: 'silent',
      })
      expect(warnings).toEqual([])
    }
  })
})

describe.each(nodes)('on Node %s', (_version, node) => {
  const run = (code: string, type: 'module' | 'commonjs'): unknown =>
    JSON.parse(
      execFileSync(node, [`--input-type=${type}`, '--eval', code], {
        cwd: user.folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    )

  test.each(libraries.map(({subpath}) => specifier(subpath)))(
    '`require` and `import` of %s give the same names',
    (name) => {
      const print =
        'console.log(JSON.stringify(Object.keys(loaded).filter((k) => k !== "module.exports").sort()))'
      const imported = run(`import * as loaded from '${name}'; ${print}`, 'module')
      const required = run(`const loaded = require('${name}'); ${print}`, 'commonjs')
      expect(required).toEqual(imported)
      expect((imported as string[]).length).toBeGreaterThan(0)
    },
  )

  test('the main entry says nothing, keeps nothing running and sets nothing global', () => {
    const code = `
      const before = new Set(Reflect.ownKeys(globalThis))
      const written = []
      for (const name of ['stdout', 'stderr']) process[name].write = (text) => written.push(text)
      await import('otel-reasoning')
      const added = Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String)
      const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
      delete process.stdout.write
      console.log(JSON.stringify({added, timers, written}))`
    expect(run(code, 'module')).toEqual({added: [], timers: [], written: []})
  })

  test('the command answers when called through the link that npm makes', () => {
    const {status, stdout, stderr} = spawnSync(
      node,
      [join(user.folder, 'node_modules/.bin/otel-reasoning'), '--help'],
      {cwd: user.folder, encoding: 'utf8'},
    )
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
    for (const command of ['demo', 'show', 'expand', 'analyze', 'doctor']) {
      expect(stdout).toContain(command)
    }
  })
})
