/**
 * Three customers, and what the model says to each: the mock provider plays it, turn by turn. The
 * agent, its tools and its telemetry know nothing of this file.
 */
export const MODEL = 'gpt-oss-120b'

const lookup = (order_id) => [{name: 'lookup_order', arguments: {order_id}}]
const refund = (order_id, amount) => [{name: 'issue_refund', arguments: {order_id, amount}}]
const said = (...sentences) => sentences.join(' ')

export const CASES = [
  {
    name: 'right-branch',
    title: 'right policy branch',
    lookFor:
      'the `verify` step that checks the amount against the opened-box rule, and the `backtrack` step that corrects it before issue_refund.',
    order: 'A-1042',
    message:
      "I'd like to return the headphones from order A-1042. I tried them on once, so the box is open. Can I get my money back?",
    turns: [
      {
        thought: said(
          'The customer wants a refund for the headphones from order A-1042 and says that the box is open.',
          'I need to settle which policy applies, then compare the delivery date with its window, then work out the amount.',
          'The policy gives 30 days after delivery for electronics and 60 days for clothing.',
          'Headphones should count as electronics, so the limit is probably 30 days.',
          "But I don't know when the order was delivered, and a guess could be off by weeks.",
          'The order system holds the category, the price and both dates.',
          "I'll call lookup_order with A-1042.",
        ),
        calls: lookup('A-1042'),
        pauseMs: 340,
      },
      {
        thought: said(
          'The lookup says that the headphones are in the category electronics, were delivered on March 6 and cost $99.00.',
          'Today is March 29, so 23 days have passed since delivery.',
          'That is inside the 30-day window for electronics, so a refund of the full $99.00 seems due.',
          'Wait, let me check that amount against the opened-box rule, since the record says that the box was opened.',
          'The policy keeps a restocking fee of 10% when the box of electronics was opened.',
          '10% of $99.00 is $9.90.',
          'No, the full $99.00 was wrong; I have to correct it to $89.10.',
          'So the customer gets $89.10 back.',
          "I'm calling issue_refund for A-1042 with 89.10 now.",
        ),
        calls: refund('A-1042', 89.1),
        pauseMs: 460,
      },
      {
        thought: said(
          'The tool confirms refund R-1042 over $89.10.',
          'The reply should name the amount, explain the fee and say when the money arrives.',
          'Let me double-check the figures: $99.00 minus $9.90 is $89.10, and that is what was paid out.',
          'The policy says that refunds reach the card in three to five business days.',
          'Final answer: $89.10 is on its way, and the difference is the 10% fee for the opened box.',
        ),
        answer:
          'Your refund for order A-1042 is on its way: $89.10, which is the $99.00 you paid minus the 10% restocking fee for an opened box. It reaches your card in three to five business days.',
        pauseMs: 270,
      },
    ],
  },
  {
    name: 'wrong-branch',
    title: 'wrong policy branch',
    lookFor:
      'which policy the `infer` step names: the 60 days of clothing, although the order says electronics (30 days). Nothing marks it: all checks are met.',
    order: 'B-2210',
    message:
      "The fitness band from order B-2210 isn't for me after all. It is still sealed. Can I send it back?",
    turns: [
      {
        thought: said(
          'The customer wants to send back a fitness band from order B-2210, still sealed.',
          'First I need to find the policy that applies, then I can look at the dates.',
          'The policy allows 60 days for clothing and 30 days for electronics.',
          'A fitness band is worn on the wrist like any other accessory, so it belongs with clothing.',
          "I'm not sure yet when it was delivered.",
          "I'll look up order B-2210 to get the date and the price.",
        ),
        calls: lookup('B-2210'),
        pauseMs: 310,
      },
      {
        thought: said(
          'The order was delivered on February 12 and the price was $149.00.',
          'From February 12 to March 29 is 45 days.',
          'So with the 60-day window for clothing, 15 days are left.',
          'Let me recount: 16 days to the end of February plus 29 in March makes 45, so the count holds.',
          'The record lists the band under electronics, but a band is something you wear, so I stay with clothing.',
          'It is still sealed, so no fee comes up.',
          'So the customer gets the full $149.00 back.',
          'Calling issue_refund for B-2210 with 149.00.',
        ),
        calls: refund('B-2210', 149),
        pauseMs: 430,
      },
      {
        thought: said(
          'Refund R-2210 was issued for $149.00.',
          "Now I'll write a short reply with the amount, the reason and the time until it arrives.",
          'Should I mention the 60-day window at all?',
          'It is the reason why the return was accepted, so it helps the customer.',
          'Refunds reach the card in three to five business days.',
          'In conclusion, the return is approved because it is within the 60 days.',
        ),
        answer:
          'Your return of order B-2210 is approved: it is within our 60-day window, so the full $149.00 goes back to your card in three to five business days.',
        pauseMs: 260,
      },
    ],
  },
  {
    name: 'missed-condition',
    title: 'missed condition',
    lookFor:
      'the check `opened_box` that is missed: no step names the opened box, so no 10% fee was kept.',
    order: 'C-3377',
    message:
      "The speaker from order C-3377 is too quiet for my living room; I've had it running for a week. Please refund it.",
    turns: [
      {
        thought: said(
          'The customer asks for a refund for the speaker from order C-3377 because it is too quiet.',
          'I need the delivery date and the category before I can say anything about the window.',
          'Electronics can be returned within 30 days of delivery, and defective goods within a year.',
          'Too quiet is a matter of taste and not a defect, so the ordinary rule for electronics is the one to use.',
          'The date is still unknown to me.',
          "I'll call lookup_order for C-3377.",
        ),
        calls: lookup('C-3377'),
        pauseMs: 300,
      },
      {
        thought: said(
          'The lookup says electronics, delivered on March 14, price $120.00.',
          'Today is March 29, so 15 days have passed.',
          'That is half of the 30-day window, so the date is fine.',
          'Let me verify that I used the delivery and not the purchase: the purchase was on March 11, and I counted from March 14, so 15 days is right.',
          'Nothing else stands in the way of the refund.',
          'So the customer gets the full $120.00 back.',
          "I'm issuing the refund for C-3377 with 120.00 now.",
        ),
        calls: refund('C-3377', 120),
        pauseMs: 400,
      },
      {
        thought: said(
          'The tool confirms refund R-3377 over $120.00.',
          "I'll keep the reply short: the amount, the reason and the time until it is on the card.",
          'The policy says three to five business days.',
          'The amount in the reply has to match the refund; checking again, $120.00 was paid and $120.00 is what I say.',
          'Final answer: the full refund of $120.00 is approved.',
        ),
        answer:
          'Your refund of $120.00 for order C-3377 is approved. You are well within the 30 days, and the money reaches your card in three to five business days.',
        pauseMs: 250,
      },
    ],
  },
]

/** For the mock provider, by the name that a request's `x-mock-conversation` header carries. */
export const conversations = Object.fromEntries(CASES.map(({name, turns}) => [name, turns]))
