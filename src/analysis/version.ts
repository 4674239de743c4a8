/** Of segmenter, classifier and signals together: runs of different versions are not comparable. */
export const ANALYZER_VERSION = 'rules/1'
