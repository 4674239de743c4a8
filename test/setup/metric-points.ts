/** What a metric reader collected, as a test likes to read it. */
import type {MeterProvider} from '@opentelemetry/api'

/** A point of a counter (`value`) or of a histogram (`count`, `sum`). */
export interface Point {
  name: string
  unit: string
  attributes: Record<string, unknown>
  value: number
  count: number
}

export interface Meters {
  provider: MeterProvider & {shutdown(): Promise<void>}
  collect: () => Promise<Point[]>
}

interface Collected {
  resourceMetrics: {
    scopeMetrics: readonly {
      metrics: readonly {
        descriptor: {name: string; unit: string}
        dataPoints: readonly {attributes: object; value: unknown}[]
      }[]
    }[]
  }
}

export const pointsOf = ({resourceMetrics}: Collected): Point[] =>
  resourceMetrics.scopeMetrics
    .flatMap(({metrics}) => metrics)
    .flatMap(({descriptor: {name, unit}, dataPoints}) =>
      dataPoints.map(({attributes, value}) => {
        const {sum = 0, count = 0} = Object(value) as {sum?: number; count?: number}
        return {
          name,
          unit,
          attributes: {...attributes},
          value: typeof value === 'number' ? value : sum,
          count,
        }
      }),
    )
