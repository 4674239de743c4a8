import {setTimeout as sleep} from 'node:timers/promises'

const ORDERS = [
  {
    order_id: 'A-1042',
    item: 'wireless headphones',
    category: 'electronics',
    price: 99,
    purchased_on: '2026-03-03',
    delivered_on: '2026-03-06',
    box_opened: true,
  },
  {
    order_id: 'B-2210',
    item: 'fitness band',
    category: 'electronics',
    price: 149,
    purchased_on: '2026-02-09',
    delivered_on: '2026-02-12',
    box_opened: false,
  },
  {
    order_id: 'C-3377',
    item: 'bluetooth speaker',
    category: 'electronics',
    price: 120,
    purchased_on: '2026-03-11',
    delivered_on: '2026-03-14',
    box_opened: true,
  },
]
const findOrder = (id) => ORDERS.find((order) => order.order_id === id)

/** What the tools do. They know orders and payments, not the refund policy: that is the model's part. */
export const tools = {
  async lookup_order({order_id}) {
    await sleep(45)
    return findOrder(order_id) ?? {error: `no order ${order_id}`}
  },
  async issue_refund({order_id, amount}) {
    await sleep(120)
    const order = findOrder(order_id)
    if (!order) return {error: `no order ${order_id}`}
    if (!(amount > 0 && amount <= order.price)) {
      return {error: `expected an amount between 0 and ${order.price}, got ${amount}`}
    }
    return {refund_id: `R-${order_id.slice(2)}`, order_id, amount, status: 'issued'}
  },
}

/** What the model is told about them. */
export const toolDefinitions = [
  {
    type: 'function',
    name: 'lookup_order',
    description: 'Item, category, price in USD, dates and state of an order',
    strict: true,
    parameters: {
      type: 'object',
      properties: {order_id: {type: 'string'}},
      required: ['order_id'],
      additionalProperties: false,
    },
  },
  {
    type: 'function',
    name: 'issue_refund',
    description: 'Pays an amount in USD back to the card that the order was paid with',
    strict: true,
    parameters: {
      type: 'object',
      properties: {order_id: {type: 'string'}, amount: {type: 'number'}},
      required: ['order_id', 'amount'],
      additionalProperties: false,
    },
  },
]
