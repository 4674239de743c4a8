import fc from 'fast-check'
import {expect, test} from 'vitest'
import {type SpanNode, spanTrees} from '../../src/cli/span-tree.ts'
import {madeSpan, refundRun} from './made-spans.ts'

const ids = (nodes: readonly SpanNode[]): unknown[] =>
  nodes.map(({span, children}) => [span.spanContext().spanId.replace(/^0+/, ''), ...ids(children)])

test('children stand under their parents in the order of time, whatever the order of the file', () => {
  const [tree] = spanTrees(refundRun().toReversed())
  expect(ids(tree?.roots ?? [])).toEqual([
    [
      'a',
      ['b', ['b1', ['b10'], ['b11'], ['b12'], ['b13'], ['b14']]],
      ['c'],
      ['d', ['d1', ['d10'], ['d11'], ['d12'], ['d13'], ['d14'], ['d15']]],
      ['e'],
      ['f', ['f1', ['f10']]],
    ],
  ])
})

test('steps that start at once are in the order of their index', () => {
  const step = (id: string, index: number) =>
    madeSpan({
      id,
      parent: 'a',
      name: 'reasoning fact',
      from: 0,
      until: 0,
      attributes: {'reasoning.step.index': index},
    })
  const [tree] = spanTrees([
    madeSpan({id: 'a', name: 'reasoning', from: 0, until: 0}),
    step('c', 2),
    step('b', 1),
    step('d', 0),
  ])
  expect(ids(tree?.roots ?? [])).toEqual([['a', ['d'], ['b'], ['c']]])
})

test('a span whose parent is missing is a root that says so', () => {
  const [tree] = spanTrees([madeSpan({id: 'a', parent: 'b', name: 'x', from: 0, until: 1})])
  expect(tree?.roots.map(({isOrphan}) => isOrphan)).toEqual([true])
})

test('traces come in the order of their starts', () => {
  const of = (traceId: string, from: number) =>
    madeSpan({id: 'a', name: 'x', traceId, from, until: from + 1})
  const trees = spanTrees([of('2'.repeat(32), 50), of('1'.repeat(32), 10)])
  expect(trees.map(({traceId}) => traceId[0])).toEqual(['1', '2'])
})

test('any spans, in rings too, are all there once', () => {
  const span = fc.record({id: fc.nat(12), parent: fc.option(fc.nat(12), {nil: undefined})})
  fc.assert(
    fc.property(fc.array(span), (made) => {
      const spans = made.map(({id, parent}) =>
        madeSpan({
          id: id.toString(16),
          ...(parent === undefined ? {} : {parent: parent.toString(16)}),
          name: 'x',
          from: 0,
          until: 1,
        }),
      )
      const seen: unknown[] = []
      const visit = (nodes: readonly SpanNode[]): void => {
        for (const {span: one, children} of nodes) {
          seen.push(one)
          visit(children)
        }
      }
      visit(spanTrees(spans).flatMap(({roots}) => roots))
      expect(seen).toHaveLength(spans.length)
      expect(new Set(seen).size).toBe(spans.length)
    }),
  )
})
