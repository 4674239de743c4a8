import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {isInstalled} from '../../scripts/install.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-reasoning-install-'))
  mkdirSync(join(folder, 'node_modules'))
})
afterEach(() => rmSync(folder, {recursive: true}))

const write = (path: string, packages: object): void =>
  writeFileSync(join(folder, path), JSON.stringify({packages}))

const wanted = {
  '': {name: 'root'},
  'node_modules/a': {version: '1.0.0'},
  'node_modules/a-win32': {version: '1.0.0', optional: true},
}

test('a folder without an install is not installed', () => {
  write('package-lock.json', wanted)
  expect(isInstalled(folder)).toBe(false)
})

test('a build for another platform may be missing', () => {
  write('package-lock.json', wanted)
  write('node_modules/.package-lock.json', {'node_modules/a': {version: '1.0.0'}})
  expect(isInstalled(folder)).toBe(true)
})

test('a package that is missing or has another version is noticed', () => {
  write('package-lock.json', wanted)
  write('node_modules/.package-lock.json', {})
  expect(isInstalled(folder)).toBe(false)
  write('node_modules/.package-lock.json', {'node_modules/a': {version: '1.0.1'}})
  expect(isInstalled(folder)).toBe(false)
})

test('an optional package of another version is noticed', () => {
  write('package-lock.json', wanted)
  write('node_modules/.package-lock.json', {
    'node_modules/a': {version: '1.0.0'},
    'node_modules/a-win32': {version: '0.9.0', optional: true},
  })
  expect(isInstalled(folder)).toBe(false)
})
