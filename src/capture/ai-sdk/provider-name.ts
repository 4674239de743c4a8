/** The AI SDK's provider ids in the words of the conventions. */

/** In the order in which they are tried: the longer ones first. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^google[.-]vertex/i, 'gcp.vertex_ai'],
  [/^google/i, 'gcp.gemini'],
  [/^amazon-bedrock|^bedrock/i, 'aws.bedrock'],
  [/^azure-openai|^azure\.(?:chat|responses|openai)/i, 'azure.ai.openai'],
  [/^azure/i, 'azure.ai.inference'],
  [/^mistral/i, 'mistral_ai'],
  [/^xai/i, 'x_ai'],
]

/** `openai.responses` is `openai`; an id that nobody knows keeps what stands before its first dot. */
export function providerName(id: string | undefined): string | undefined {
  if (id === undefined || id === '') return undefined
  for (const [pattern, name] of NAMES) if (pattern.test(id)) return name
  return id.split('.', 1)[0] || id
}
