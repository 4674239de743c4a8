/** The rule of one thought, one block, applied to spans as they end. */
import type {MergedCall, OriginItem} from './merge.ts'
import type {ReasoningBlock} from './model.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {createEchoIndex, type Thoughts} from './thoughts.ts'

/** The parent in this process: a remote one never ends here, so that nothing is kept for it. */
function localParentOf(span: ReadableSpanLike): string | undefined {
  const parent = span.parentSpanContext
  return parent === undefined || parent.isRemote === true ? undefined : parent.spanId
}

/** Tells the parent of these blocks. */
export function handToParent(
  span: ReadableSpanLike,
  blocks: readonly ReasoningBlock[],
  thoughts: Thoughts,
  inherited?: ReturnType<Thoughts['take']>,
): void {
  const parentId = localParentOf(span)
  if (parentId === undefined || (blocks.length === 0 && inherited === undefined)) return
  const texts = blocks.map((block) => block.text).filter((text) => text.length > 0)
  thoughts.hand(
    span.spanContext().traceId,
    parentId,
    texts,
    blocks.length > texts.length,
    inherited,
  )
}

/** Leaves out blocks that a span below this one has told already, and tells the parent of all. */
export function withoutEchoes(
  merged: MergedCall,
  span: ReadableSpanLike,
  thoughts: Thoughts,
): readonly OriginItem[] {
  const {traceId, spanId} = span.spanContext()
  const inherited = thoughts.take(traceId, spanId)
  const echoes = inherited === undefined ? undefined : createEchoIndex(inherited)
  const items =
    echoes === undefined
      ? merged.items
      : merged.items.filter(
          ({item}) => item.type !== 'reasoning' || !echoes.isEcho(item.block.text),
        )
  const blocks = items.flatMap(({item}) => (item.type === 'reasoning' ? [item.block] : []))
  handToParent(span, blocks, thoughts, inherited)
  return items
}

/** A span without reasoning still stands between a thought and the ancestor that may repeat it. */
export function passThoughtsOn(span: ReadableSpanLike, thoughts: Thoughts): void {
  if (thoughts.isEmpty) return
  const {traceId, spanId} = span.spanContext()
  const inherited = thoughts.take(traceId, spanId)
  if (inherited !== undefined) handToParent(span, [], thoughts, inherited)
}
