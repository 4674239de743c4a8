/** Classifiers that may take the place of the built-in one. */
export {openAiCompatible, type OpenAiCompatibleOptions} from './classifiers/openai-compatible.ts'
