import {parser} from '@grafana/lezer-traceql'
import {expect, test} from 'vitest'
import {traceql} from './names.ts'

/** What the grammar could not place, with a few characters around it. */
function errorsOf(query: string): string[] {
  const errors: string[] = []
  parser.parse(query).iterate({
    enter({type, from, to}) {
      if (type.isError) errors.push(query.slice(Math.max(0, from - 10), to + 10))
    },
  })
  return errors
}

test('the grammar tells a wrong query from a right one', () => {
  expect(errorsOf('{ span.reasoning.severity = "critical" }')).toEqual([])
  expect(errorsOf('{ span.reasoning.severity = = "critical" }')).not.toEqual([])
  expect(errorsOf('{ span.reasoning.severity = "critical"')).not.toEqual([])
})

test.each(traceql.map(({from, text}) => [from, text]))('%s: %s', (_, text) => {
  expect(errorsOf(text)).toEqual([])
})
