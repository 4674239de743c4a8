/** What a reviewer expects of the refund agent: `examples/refund-agent/checks.js`, for `demo`. */
import type {Check} from '../checks/check.ts'

export const DEMO_CHECKS: readonly Check[] = [
  {
    name: 'delivery_date',
    when: {tool_called: 'issue_refund'},
    mentions: [/\bdelivered\b|\bdelivery\b/i, /\b\d+ days\b/],
  },
  {
    name: 'refund_window',
    when: {tool_called: 'issue_refund'},
    mentions: /\b\d+[- ]days? window\b|\bwithin \d+ days\b/i,
  },
  {
    name: 'opened_box',
    when: {tool_called: 'issue_refund'},
    mentions: /\b(?:opened|unopened|sealed)\b/i,
  },
  {
    name: 'window_before_amount',
    before: [/\bwindow\b/i, /\bcustomer gets\b/i],
  },
  {
    name: 'lookup_before_refund',
    scope: 'trace',
    tool_called_only_after: {tool: 'issue_refund', mentions: /\blook(?:ed)? ?up/i},
  },
]
