/** The reasoning tree of traces, for a terminal. */
import type {ReadableSpanLike} from '../readable-span.ts'
import {paintLine} from './style.ts'
import {type TreeOptions, treeLines} from './tree-layout.ts'

/** How a tree is drawn. */
export interface RenderTreeOptions extends TreeOptions {
  /** With the colours of the terminal. @defaultValue false */
  color?: boolean | undefined
}

/**
 * Draws the spans of any number of traces: each span under its parent, in the order of time, with
 * what is known of its reasoning. Our spans must be among them; nothing is expanded here.
 */
export const renderTree = (
  spans: readonly ReadableSpanLike[],
  options: RenderTreeOptions = {},
): string =>
  treeLines(spans, options)
    .map((line) => `${paintLine(line, options.color === true)}\n`)
    .join('')
