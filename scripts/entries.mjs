// @ts-check
/**
 * The entry points of the package: the one table that the build, the API snapshot and the package
 * tests read. `package.json` (`exports`, `bin`) and `tsconfig.build.json` (`files`) name the same ones;
 * `test/package/entries.test.ts` says so when they do not.
 */

/**
 * @typedef {object} Entry
 * @property {string} name of the file in `dist/`, without extension
 * @property {string} source
 * @property {string | null} subpath in `exports`; null for a command
 * @property {readonly string[]} imports what the built file may import, and nothing else; `node:` stands
 *   for every built-in module
 */

/** @type {readonly Entry[]} */
export const entries = [
  {name: 'index', source: 'src/index.ts', subpath: '.', imports: ['@opentelemetry/api']},
  {
    name: 'fetch',
    source: 'src/fetch.ts',
    subpath: './fetch',
    imports: ['@opentelemetry/api'],
  },
  {
    name: 'bedrock',
    source: 'src/bedrock.ts',
    subpath: './bedrock',
    imports: ['@opentelemetry/api'],
  },
  {
    name: 'register',
    source: 'src/register.ts',
    subpath: './register',
    imports: ['@opentelemetry/api'],
  },
  {name: 'classifiers', source: 'src/classifiers.ts', subpath: './classifiers', imports: []},
  {name: 'semconv', source: 'src/semconv.ts', subpath: './semconv', imports: []},
  {
    name: 'ai-sdk',
    source: 'src/ai-sdk.ts',
    subpath: './ai-sdk',
    imports: ['@opentelemetry/api'],
  },
  {
    name: 'cli',
    source: 'src/cli.ts',
    subpath: null,
    imports: ['@opentelemetry/api', 'protobufjs', 'node:'],
  },
]
