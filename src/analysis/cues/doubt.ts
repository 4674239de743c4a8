/**
 * Phrases that check, turn back, doubt, or settle.
 * What the columns are and how they came about is in `index.ts`.
 */
import type {Cue} from './index.ts'

export const doubtCues = (): readonly Cue[] => [
  [
    'check',
    {verify: 2.8, plan: 0.7, act: 0.7, fact: 0.6, backtrack: -0.2, other: -0.6},
    "check | checking | check that | check if | check whether | let me check | let's check | " +
      'checked',
  ],
  [
    'verify',
    {
      verify: 2.5,
      plan: 0.4,
      uncertainty: 0.4,
      act: 0.3,
      infer: -0.2,
      setup: -0.3,
      conclude: -0.3,
      other: -0.6,
    },
    'verify | verifying | double check | double checking | confirm | confirms | make sure | ' +
      'to be sure | sanity check | re check | recheck | re read | reread | recount | ' +
      're verify | cross check | to verify | verification | let me verify | let me confirm | ' +
      'validate | test',
  ],
  [
    'again',
    {verify: 2.1, conclude: 0.9, act: 0.5, backtrack: 0.3, fact: -0.3, plan: -1, other: -1.6},
    'again | once more | once again | over again | re examine | re evaluate | reconsider | ' +
      'rethink | go back | going back | looking back | look again | second look | revisit | ' +
      'let me re | let me reconsider',
  ],
  [
    'holds',
    {
      verify: 1.4,
      backtrack: 0.4,
      act: 0.3,
      conclude: 0.2,
      plan: -0.2,
      other: -0.2,
      fact: -0.7,
      uncertainty: -0.7,
    },
    "matches | match | correct | is correct | that's correct | checks out | check out | " +
      "consistent | is consistent | is right | that's right | fits | as expected | " +
      'consistent with | works out | adds up | confirmed | indeed | holds | exactly | ' +
      'satisfied | satisfies',
  ],
  [
    'yes',
    {
      verify: 3,
      infer: 0.9,
      setup: 0.6,
      conclude: 0.6,
      backtrack: -0.2,
      uncertainty: -0.4,
      fact: -0.5,
      plan: -1.1,
    },
    '^yes | ^yeah | ^yep | ^right | ^correct | ^good | ^perfect | ^great | ^exactly | ' +
      '^indeed | ^fine',
  ],
  [
    'wait',
    {
      backtrack: 3.7,
      verify: 2.7,
      uncertainty: 2,
      act: 0.6,
      fact: -0.2,
      plan: -0.4,
      infer: -0.7,
      other: -0.8,
    },
    '^wait | ^hold on | ^but wait | ^hmm wait | ^oh wait | ^wait but | ^wait the | wait',
  ],
  [
    'wait-let',
    {other: 2.4, verify: 1.3, fact: 0.8, plan: 0.2, setup: -0.4, conclude: -0.5, act: -1.5},
    "wait let me | wait let's | wait i need | wait i should | wait actually | wait maybe | " +
      'wait is | wait what | hold on',
  ],
  [
    'no',
    {
      backtrack: 2.5,
      infer: 0.8,
      verify: 0.7,
      act: -0.2,
      setup: -0.3,
      uncertainty: -0.3,
      plan: -0.4,
    },
    '^no | ^nope | ^wait no | no wait | ^no that | ^no wait',
  ],
  [
    'actually',
    {
      backtrack: 2.6,
      verify: 1.1,
      uncertainty: 0.5,
      conclude: -0.5,
      plan: -0.8,
      act: -0.9,
      setup: -1.2,
    },
    '^actually | actually | in fact | on second thought | come to think | on reflection | ' +
      'after all | turns out | it turns out',
  ],
  [
    'mistake',
    {
      backtrack: 3.1,
      verify: 1.3,
      uncertainty: 1.2,
      act: 0.8,
      other: 0.3,
      plan: -0.3,
      infer: -0.3,
      conclude: -0.5,
      setup: -0.6,
      fact: -0.8,
    },
    'mistake | a mistake | i made a | made an error | i was wrong | was wrong | were wrong | ' +
      "is wrong | that's wrong | that's not right | isn't right | not right | incorrect | " +
      'incorrectly | misread | i misread | misunderstood | i missed | i forgot | overlooked | ' +
      'my earlier | earlier i | previous assumption | i assumed | i confused | i miscounted | ' +
      'correction | correcting | scratch that | scrap that | strike that | never mind | ' +
      'forget that | ignore that | start over | drop that | dropping | discard | abandon',
  ],
  [
    'another-way',
    {
      backtrack: 1.1,
      conclude: 0.7,
      plan: 0.3,
      uncertainty: 0.3,
      other: -0.5,
      verify: -0.7,
      act: -0.8,
      fact: -1,
    },
    'another approach | different approach | another way | different way | instead | ' +
      "try again | let me try another | let's try another | start again | starting over | " +
      'back to | switch to | rather than',
  ],
  [
    'doesnt-work',
    {
      backtrack: 1.1,
      verify: 0.5,
      other: 0.5,
      uncertainty: 0.3,
      setup: -0.6,
      fact: -1,
      conclude: -1.7,
    },
    "doesn't work | does not work | didn't work | not working | won't work | can't work | " +
      'not helpful | too complicated | taking too long | dead end | stuck | overcomplicating | ' +
      'overthinking | contradiction | contradicts | impossible',
  ],
  [
    'unsure',
    {
      uncertainty: 3.2,
      setup: 0.8,
      plan: 0.8,
      fact: -0.2,
      conclude: -0.2,
      backtrack: -0.6,
      act: -0.7,
    },
    "not sure | unsure | i'm not sure | not certain | uncertain | i wonder | wondering | " +
      "no idea | not clear | unclear | ambiguous | ambiguity | can't tell | cannot tell | " +
      'hard to say | hard to know | hard to tell | confused | confusing | doubt | ' +
      'open question | remains to be seen | not obvious',
  ],
  [
    'dont-know',
    {uncertainty: 2.4, fact: 0.5, verify: 0.2, setup: -0.2, plan: -0.2, act: -0.3, backtrack: -0.5},
    "don't know | do not know | doesn't know | don't have | do not have | i can't | " +
      "i cannot | unknown | not given | not specified | not stated | isn't specified | " +
      "doesn't say | doesn't specify | does not say | not mentioned | no information | " +
      "don't see | it's unclear | unless | it depends",
  ],
  [
    'maybe',
    {
      uncertainty: 3.3,
      plan: 1.3,
      backtrack: 0.5,
      infer: 0.3,
      conclude: 0.2,
      act: -0.2,
      other: -0.4,
      setup: -0.7,
      verify: -0.8,
      fact: -1.3,
    },
    'maybe | perhaps | possibly | ^maybe | ^perhaps | or maybe | maybe the | i guess | ' +
      "guess | could mean | might mean | maybe it's",
  ],
  [
    'might',
    {uncertainty: 2.1, infer: 0.8, plan: 0.3, conclude: 0.2, other: -0.2, setup: -0.8, act: -0.9},
    'might | might be | may be | might have | could have | might want | may have | ' +
      'could also | can be',
  ],
  [
    'asks-self',
    {uncertainty: 0.8, verify: 0.6, act: 0.4, fact: -0.6, infer: -0.7, backtrack: -0.8},
    '^is | ^are | ^does | ^do | ^did | ^was | ^what | ^which | ^how | ^why | ^who | ^where | ' +
      '^when | ^should i | ^should we | ^can i | ^can we | ^could | ^would | ^what about | ' +
      '^what if | ^is it | ^is there | ^or is | ^or | is it | does it | does that | is that | ' +
      'am i | can i',
  ],
  [
    'alternatively',
    {
      uncertainty: 1.4,
      plan: 1.3,
      verify: 1.2,
      fact: -0.2,
      backtrack: -0.3,
      setup: -0.7,
      conclude: -1.4,
    },
    '^alternatively | alternatively | ^or maybe | ^or perhaps | ^another | ' +
      'another possibility | other possibility',
  ],
  [
    'hmm',
    {
      uncertainty: 1.9,
      other: 1.4,
      backtrack: 0.4,
      act: 0.3,
      verify: 0.2,
      setup: -0.2,
      plan: -0.6,
      infer: -0.6,
      conclude: -1,
      fact: -1.3,
    },
    '^hmm | hmm | ^uh | ^ugh | ^huh | ^interesting | ^tricky',
  ],
  [
    'user-might',
    {
      uncertainty: 2.3,
      infer: 0.4,
      act: 0.3,
      backtrack: 0.2,
      fact: -0.5,
      conclude: -0.6,
      setup: -0.7,
    },
    'user might | user may | they might | the user could | user is likely | user probably | ' +
      'user might want',
  ],
  [
    'answer-is',
    {
      conclude: 2.1,
      uncertainty: 1.2,
      plan: 0.7,
      other: 0.6,
      infer: 0.3,
      backtrack: -0.3,
      verify: -0.4,
      setup: -0.5,
      act: -0.6,
      fact: -0.7,
    },
    'the answer is | answer is | the answer | final answer | the final answer | ' +
      'the correct answer | correct answer | so the answer | my answer | answer would be | ' +
      'the result is | boxed | is therefore | the solution is',
  ],
  [
    'verdict',
    {
      conclude: 1.3,
      plan: 0.8,
      verify: 0.4,
      other: 0.2,
      fact: -0.2,
      setup: -0.5,
      backtrack: -0.6,
      uncertainty: -1.1,
    },
    'in conclusion | to conclude | in summary | to summarize | to sum up | summing up | ' +
      'overall | all in all | ultimately | in short | bottom line | verdict | decision | ' +
      'conclusion | recommendation | final | finally | settled | decided | i conclude | ' +
      "we conclude | i've decided | i decide",
  ],
  [
    'go-with',
    {
      conclude: 2.7,
      infer: 1.2,
      backtrack: 0.7,
      plan: -0.4,
      uncertainty: -0.6,
      verify: -0.8,
      act: -1.1,
    },
    "go with | i'll go with | going with | i'd go | settle on | i'll choose | i choose | " +
      "i'll pick | i'd pick | i'll give | i'd give | i'd say | i would say | i'd rate | " +
      "i would rate | i'd recommend | i recommend | i'll approve | approve | i'll deny | " +
      "deny | refuse | decline | will therefore | i therefore | stick with | i'll say | " +
      "i'd call | i'd put | lands at | landing on",
  ],
  [
    'rate',
    {
      conclude: 1,
      setup: 0.8,
      backtrack: 0.3,
      act: -0.3,
      other: -0.3,
      fact: -0.4,
      uncertainty: -0.5,
    },
    'rating | score | grade | rate | # out of | out of # | out of ten | # or # | around # | ' +
      'a # | give it',
  ],
  [
    'ok-chatter',
    {
      other: 2.5,
      backtrack: 0.6,
      setup: 0.4,
      verify: 0.3,
      fact: -0.2,
      conclude: -0.2,
      uncertainty: -0.9,
    },
    '^ok | ^okay | ^alright | ^sure | ^great | ^thanks | ^thank you | ^well | ^oh | ^ah | ' +
      'please hold | hold on for | for a moment | ready | ^done',
  ],
  [
    'label',
    {act: 0.8, other: 0.8, plan: 0.2, infer: -0.3, uncertainty: -0.4, fact: -0.7, backtrack: -1.2},
    'strengths | weaknesses | pros | cons | key points | considerations | assessment | ' +
      '^key | analysis | summary | notes | details | examples | ^example | step # | part # | ' +
      'scenario | reasoning | background | context | ^overall | ^potential | criteria | ' +
      "drafting | ^final | ^what works | areas for improvement | ^here | ^here's | ^here are | " +
      'as follows | the following | following',
  ],
]
