/**
 * Of segmenter, rules and signals together: runs of different versions are not comparable. Labels of
 * the network are called after its training: `network/1`.
 */
export const ANALYZER_VERSION = 'rules/2'
