/**
 * Phrases that recall what is given, and phrases that draw something from it.
 * What the columns are and how they came about is in `index.ts`.
 */
import type {Cue} from './index.ts'

export const evidenceCues = (): readonly Cue[] => [
  [
    'would-report',
    {fact: 0.7, verify: 0.2, backtrack: 0.2, conclude: -0.2, setup: -0.4, act: -0.4, other: -0.4},
    'policy says | policy states | policy allows | policy requires | policy | rule | rules | ' +
      'rule says | according to | states that | says that | it says | states | specifies | ' +
      'section | clause | terms | document says | guidelines | regulation | law',
  ],
  [
    'general',
    {
      fact: 0.6,
      setup: 0.2,
      infer: 0.2,
      backtrack: 0.2,
      act: -0.3,
      plan: -0.6,
      other: -0.9,
      uncertainty: -1,
    },
    'typically | usually | generally | often | commonly | in general | many | most | ' +
      'some people | people | standard | normally | sometimes | always | tend to',
  ],
  [
    'known',
    {fact: 1.5, uncertainty: 0.9, verify: 0.4, plan: 0.2, setup: -0.3, conclude: -0.4, act: -1},
    'recall | i recall | remember | i remember | by definition | is defined | defined as | ' +
      'is known | known as | theorem | formula | formula for | definition | identity | ' +
      'i know that | we know that | is called | refers to | stands for',
  ],
  [
    'result-says',
    {
      verify: 0.5,
      act: 0.4,
      uncertainty: 0.3,
      other: 0.2,
      infer: -0.2,
      setup: -0.3,
      conclude: -0.3,
      backtrack: -0.7,
    },
    'the results | search results | the search | the result | the output | returned | ' +
      'returns | came back | comes back | shows | it shows | the file | the file contains | ' +
      'the log | the logs | the record | the response | the page | the data | the table | ' +
      'based on | from the | listed | error | failed | succeeded | timed out | found',
  ],
  [
    'there-is',
    {other: 1, fact: 0.5, infer: 0.3, setup: -0.4, backtrack: -0.4, act: -0.5, plan: -0.6},
    "^there is | ^there are | ^there's | ^there was | ^it has | ^it was | ^it includes | " +
      '^it contains | ^in | ^at | ^on | ^for | ^some | ^under',
  ],
  [
    'past',
    {
      backtrack: 1.1,
      verify: 0.7,
      uncertainty: 0.7,
      fact: 0.5,
      plan: -0.3,
      other: -0.4,
      conclude: -0.6,
      act: -1.4,
    },
    'was | were | had | has been | been | did | made | used | sold | bought | ordered | ' +
      'sent | created | built | happened | started | went | signed | paid',
  ],
  [
    'possess',
    {
      act: 0.5,
      fact: 0.3,
      conclude: 0.2,
      plan: -0.2,
      backtrack: -0.2,
      uncertainty: -0.2,
      other: -0.3,
    },
    'has | have | with | contains | includes | consists | called | named | located | ' +
      'current | currently',
  ],
  [
    'units',
    {fact: 0.3, verify: 0.2, uncertainty: 0.2, other: -0.2, plan: -0.4, conclude: -0.4, act: -0.5},
    'years | year | days | day | months | month | hours | hour | minutes | weeks | percent | ' +
      'per | within # | up to # | in # | at # | on # | of # | # and # | until | since # | ' +
      'from # to # | between | june | july | march | april | january | february | august | ' +
      'september | october | november | december | am | pm',
  ],
  [
    'so',
    {
      backtrack: 1,
      conclude: 0.9,
      act: 0.6,
      infer: 0.3,
      verify: 0.2,
      uncertainty: -0.2,
      other: -0.2,
      plan: -0.4,
      setup: -0.7,
      fact: -1.8,
    },
    '^so | ^so that | ^and so',
  ],
  [
    'thus',
    {
      conclude: 1.7,
      backtrack: 1.2,
      infer: 1,
      uncertainty: 0.2,
      other: 0.2,
      fact: -0.2,
      act: -0.2,
      plan: -0.7,
      setup: -1,
      verify: -1.1,
    },
    'thus | hence | consequently | ^thus | ^hence',
  ],
  [
    'therefore',
    {
      conclude: 2,
      verify: 1,
      act: 1,
      infer: 0.7,
      other: 0.4,
      backtrack: -0.4,
      setup: -0.8,
      uncertainty: -0.8,
      fact: -1.5,
      plan: -2,
    },
    'therefore | ^therefore',
  ],
  [
    'means',
    {backtrack: 1.3, setup: 0.5, other: 0.4, uncertainty: -0.4, plan: -0.9, fact: -0.9},
    'which means | this means | that means | means that | meaning | implies | this implies | ' +
      'it follows | so that means | that makes | which makes | which gives | that gives | ' +
      'this gives | we get | gives us | leads to | results in',
  ],
  [
    'suggests',
    {
      verify: 1,
      infer: 0.8,
      conclude: 0.8,
      backtrack: 0.4,
      setup: 0.2,
      other: -0.2,
      fact: -0.4,
      plan: -0.6,
      uncertainty: -0.6,
      act: -0.9,
    },
    'suggests | indicates | shows that | this shows | this suggests | demonstrates | ' +
      'proves | reveals | supports | aligns | reflects',
  ],
  [
    'because',
    {
      infer: 0.4,
      conclude: 0.4,
      uncertainty: 0.3,
      verify: 0.2,
      fact: -0.2,
      setup: -0.3,
      act: -0.8,
      other: -0.8,
    },
    "because | since | due to | as a result | given the | that's why | and since | if so",
  ],
  [
    'condition',
    {
      infer: 1.1,
      verify: 0.9,
      conclude: 0.7,
      plan: 0.2,
      uncertainty: 0.2,
      backtrack: -0.2,
      act: -0.2,
      other: -0.2,
      setup: -0.4,
      fact: -0.4,
    },
    '^if | if the | if we | if i | if they | then the | then it | otherwise | ^when | ' +
      'assuming | assume | suppose',
  ],
  [
    'would',
    {
      uncertainty: 1.5,
      infer: 0.9,
      backtrack: 0.5,
      conclude: 0.5,
      plan: 0.2,
      verify: -0.2,
      act: -0.4,
      other: -0.8,
      fact: -0.9,
      setup: -1.6,
    },
    "would | would be | wouldn't | would have | would need | could | could be",
  ],
  [
    'seems',
    {
      conclude: 1.2,
      infer: 1,
      verify: 0.7,
      uncertainty: 0.5,
      backtrack: 0.3,
      plan: -0.3,
      fact: -0.5,
      other: -0.5,
      act: -0.6,
      setup: -0.8,
    },
    'seems | seem | looks | looks like | appears | probably | likely | presumably | ' +
      'apparently | i think | i believe | i suspect | i feel | feels',
  ],
  [
    'its',
    {
      infer: 0.8,
      verify: 0.8,
      backtrack: 0.7,
      uncertainty: 0.5,
      conclude: 0.2,
      fact: -0.2,
      setup: -0.4,
      plan: -0.4,
      other: -0.5,
      act: -1.1,
    },
    "^it's | ^it is | ^that's | ^that is | ^these are | ^this | ^that | ^these | ^those | " +
      '^it | which is | which are',
  ],
  [
    'negation',
    {
      backtrack: 1.1,
      infer: 0.5,
      uncertainty: 0.2,
      conclude: 0.2,
      plan: -0.2,
      setup: -0.5,
      act: -0.8,
      other: -1,
    },
    "not | doesn't | isn't | don't | can't | cannot | won't | wasn't | aren't | didn't | " +
      'never | nothing | none | neither | nor | lacks | lack | missing | without',
  ],
  [
    'but',
    {
      verify: 0.4,
      infer: 0.2,
      uncertainty: 0.2,
      conclude: 0.2,
      plan: -0.3,
      fact: -0.3,
      other: -0.8,
      act: -1.1,
    },
    '^but | ^however | ^though | ^although | ^yet | but | however | though | although | ' +
      'while | whereas | despite',
  ],
  [
    'good',
    {conclude: 1.1, infer: 1, verify: 0.5, plan: 0.2, setup: -0.2, uncertainty: -0.3, act: -0.3},
    'good | great | nice | fine | excellent | solid | strong | well | appropriate | ' +
      'reasonable | relevant | useful | impressive | effective | valid | works | acceptable | ' +
      'allowed | eligible | qualifies | covered | safe | easy',
  ],
  [
    'bad',
    {backtrack: 0.8, infer: 0.2, setup: -0.3, act: -0.7},
    'weak | poor | bad | issue | issues | problem | problems | concern | concerns | risk | ' +
      'risky | unlikely | wrong | expired | too | unnecessary | limited | vague | confusing | ' +
      'difficult | hard | not allowed | unsafe',
  ],
  [
    'degree',
    {backtrack: 0.8, infer: 0.5, verify: 0.4, setup: -0.2, other: -0.4},
    'more | less | very | quite | bit | a bit | slightly | somewhat | enough | better | ' +
      'worse | only | just | even | at least | rather | fairly | pretty | still | already | ' +
      'more than | less than | too much | too many',
  ],
  [
    'compare',
    {
      backtrack: 0.8,
      verify: 0.4,
      uncertainty: 0.2,
      plan: -0.3,
      setup: -0.6,
      act: -0.6,
      other: -1.4,
    },
    'same | different | difference | equal | equals | greater | larger | smaller | higher | ' +
      'lower | longer | shorter | compared | inside | outside | exceeds | within | over the | ' +
      'under the | above | below | both | neither is | the only',
  ],
  [
    'compute',
    {
      infer: 0.4,
      plan: 0.2,
      verify: 0.2,
      backtrack: 0.2,
      fact: -0.3,
      uncertainty: -0.3,
      act: -0.4,
      other: -1.5,
    },
    '= | equals # | is # | # times | times | plus # | minus | divided | sum | total | ' +
      'product | multiply | multiplied | add | subtract | dividing | substituting | simplify | ' +
      "squared | frac | cdot | sqrt | left | # days | that's # | makes #",
  ],
  [
    'equation',
    {plan: 1.2, other: 0.7, infer: 0.4, fact: -0.4, backtrack: -0.7, act: -0.8},
    'let x | equation | equations | substitute | solve | solving | derivative | integral | ' +
      'variable | plug | plugging | rewrite | expand | factor | denote',
  ],
  [
    'because-obj',
    {setup: 0.6, conclude: 0.4, plan: 0.2, verify: -0.4},
    'for example | for instance | e g | such as | like | i e | including',
  ],
  [
    'so-clause',
    {infer: 0.9, act: 0.4, plan: 0.2, other: -0.6, setup: -0.9, fact: -1.9},
    "so the | so it | so it's | so they | so he | so she | so there | so there's | so i | " +
      "so i'm | so we | so this | so that's | so these | so those | so you | so a | so no | " +
      'so not | so both | so all | so neither | so either | so only | so even',
  ],
  [
    'quote-says',
    {setup: 0.4, fact: 0.4, verify: 0.2, uncertainty: -0.4, plan: -0.8, conclude: -1.1},
    'says | said | quote | quoted | reads | wrote | writes | mentions | mentioned',
  ],
  [
    'number-first',
    {
      verify: 0.6,
      act: 0.4,
      fact: 0.2,
      infer: 0.2,
      uncertainty: -0.2,
      plan: -0.3,
      conclude: -0.5,
      backtrack: -0.6,
    },
    '^#',
  ],
]
