/**
 * Phrases that restate the task, say what to do next, or announce a call.
 * What the columns are and how they came about is in `index.ts`.
 */
import type {Cue} from './index.ts'

export const requestCues = (): readonly Cue[] => [
  [
    'asks',
    {
      setup: 1.1,
      act: 0.6,
      infer: 0.5,
      verify: 0.5,
      backtrack: 0.5,
      uncertainty: -0.5,
      plan: -0.6,
      other: -0.7,
      fact: -1,
      conclude: -1,
    },
    'user wants | user asks | user is asking | user asked | user says | user said | ' +
      'user mentioned | user has provided | user provided | user gave | user needs | ' +
      'user shared | user inquires | user is requesting | user requested | user has asked | ' +
      'user is looking | asking me | asks me | asked me | wants me | they want | they ask | ' +
      "they're asking | they asked | they mention | they said | he wants | she wants | " +
      "he asks | she asks | he's asking | she's asking | customer wants | customer asks | " +
      'guest asks | guest wants | client wants | asking for | asking about | asks for | ' +
      'asks about | asks whether | asked whether | asks if | wants to know',
  ],
  [
    'wants',
    {setup: 2, plan: 0.6, backtrack: -0.4, other: -0.4, conclude: -0.8, uncertainty: -1},
    'wants to | wants a | wants the | would like to | is requesting | requested | is asking',
  ],
  [
    'person',
    {
      setup: 2,
      uncertainty: 0.3,
      verify: 0.2,
      conclude: 0.2,
      act: -0.3,
      other: -0.5,
      backtrack: -1.1,
      plan: -1.3,
    },
    '^the user | ^user | ^the customer | ^the guest | ^the client | ^the patient | ' +
      "^the caller | ^they | ^he | ^she | ^they've | ^mr | ^ms | ^mrs",
  ],
  [
    'my-task',
    {setup: 2.1, verify: 0.6, conclude: 0.4, other: -0.2, plan: -0.5, backtrack: -0.6, fact: -1.3},
    "the task is | the task | the request is | the request | we are asked | we're asked | " +
      "i'm asked | i am asked | we have been asked | i've been asked | i have been asked | " +
      "i have been given | we are given | we're given | we have been given | " +
      'the question asks | the question is | the question | the problem asks | ' +
      'the problem says | the problem states | the problem is | the prompt says | ' +
      'the prompt asks | the prompt | the instructions | asked to',
  ],
  [
    'sort-of-request',
    {setup: 1.2, plan: 0.4, uncertainty: -0.2, infer: -0.4, other: -0.5},
    'this is a question | this is a request | this is a straightforward | this is a simple | ' +
      'this is a classic | this is a common | this seems to be | this appears to be | ' +
      'this looks like a',
  ],
  [
    'this-is-a',
    {setup: 2.2, other: 0.9, conclude: 0.5, fact: -0.4, plan: -0.5, backtrack: -0.6, verify: -1.4},
    "^this is a | ^this is an | ^this is about | ^it's a | ^it is a",
  ],
  [
    'find',
    {setup: 2.7, act: 1.1, plan: 0.6, backtrack: 0.2, verify: -0.4, conclude: -0.8, infer: -0.9},
    'find the | to find | need to find | determine whether | figure out | work out',
  ],
  [
    'okay-so',
    {
      setup: 2.7,
      fact: 1.6,
      verify: 0.5,
      uncertainty: 0.2,
      other: -0.3,
      plan: -0.7,
      backtrack: -0.8,
    },
    '^okay so | ^ok so | ^alright so | ^okay the | ^ok the | ^so the user | ' +
      '^first the user | ^okay i | ^let me understand',
  ],
  [
    'given',
    {
      other: 0.8,
      setup: 0.4,
      backtrack: 0.3,
      conclude: 0.2,
      infer: -0.2,
      plan: -0.3,
      verify: -0.5,
      act: -1,
    },
    "given that | we have | we know | let's denote | denote | ^let x | ^given",
  ],
  [
    'we-can',
    {
      plan: 2.9,
      act: 0.4,
      conclude: 0.4,
      backtrack: 0.3,
      infer: -0.4,
      setup: -0.6,
      verify: -0.8,
      fact: -1.2,
    },
    'we can | we could | we may | we might',
  ],
  [
    'we-should',
    {
      plan: 1.8,
      setup: 1.5,
      act: 1.4,
      uncertainty: 1,
      conclude: -0.2,
      other: -0.4,
      infer: -0.5,
      fact: -0.9,
    },
    "we should | we must | we need | we need to | we also need | we want to | we'll | we will",
  ],
  [
    'i-should',
    {
      plan: 1.9,
      act: 1.7,
      verify: 0.5,
      setup: 0.2,
      fact: -0.3,
      backtrack: -0.3,
      infer: -0.5,
      uncertainty: -0.6,
    },
    "i should | i must | i need to | i also need | i also should | i'd better | i want to | " +
      "i'd like to",
  ],
  [
    'i-will',
    {
      act: 3.2,
      plan: 2.4,
      backtrack: 0.8,
      other: 0.4,
      verify: -0.4,
      setup: -0.6,
      infer: -1.6,
      fact: -1.8,
    },
    "i'll | i will | i'm going to | i am going to | going to",
  ],
  [
    'i-can',
    {
      plan: 1.8,
      infer: 0.2,
      conclude: 0.2,
      setup: -0.6,
      verify: -0.8,
      backtrack: -0.9,
      uncertainty: -0.9,
    },
    'i can | i could | i might | i may',
  ],
  [
    'let-me',
    {plan: 2.7, verify: 2, act: 1.9, backtrack: 1, fact: -0.3, uncertainty: -0.6, other: -0.7},
    'let me | ^let | lemme',
  ],
  [
    'lets',
    {
      act: 2.5,
      plan: 2.3,
      backtrack: 2.3,
      verify: 0.9,
      conclude: 0.2,
      uncertainty: -0.2,
      other: -0.4,
      infer: -0.8,
      setup: -0.9,
      fact: -2.2,
    },
    "let's | let us",
  ],
  [
    'think-about',
    {
      plan: 0.7,
      other: 0.4,
      uncertainty: 0.2,
      backtrack: -0.5,
      setup: -0.7,
      verify: -0.7,
      fact: -0.8,
    },
    "think about | think through | let me think | consider | let's think | " +
      'consider whether | think step by step | break down | break this down | step by step | ' +
      'analyze | analyse | evaluate | outline | structure',
  ],
  [
    'should',
    {
      plan: 1.2,
      infer: 0.4,
      backtrack: 0.4,
      setup: 0.3,
      fact: -0.2,
      verify: -0.2,
      other: -0.8,
      act: -1.1,
    },
    'should | should be | must | need to | needs to | have to | has to | ought to',
  ],
  [
    'answer-words',
    {plan: 0.9, conclude: 0.4, uncertainty: -0.3, infer: -0.5, setup: -0.6, fact: -0.6},
    'answer | response | reply | explanation | summary | tone | message | output',
  ],
  [
    'answer-verbs',
    {plan: 1.6, act: 0.9, setup: 0.5, fact: 0.3, verify: -0.2, uncertainty: -0.3},
    'mention | mention that | also mention | can mention | explain | provide | include | ' +
      'produce | acknowledge | highlight | emphasize | clarify | suggest | recommend | ' +
      'point out | note that | offer | state | address | present | describe | list | show',
  ],
  [
    'style-words',
    {plan: 0.7, infer: 0.3, conclude: 0.3, fact: -1, act: -1, other: -1},
    'keep | concise | brief | short | simple | clear | clearly | avoid | focus on | focus | ' +
      'be careful | careful | honest | helpful | balanced | detailed | format',
  ],
  [
    'imperative',
    {plan: 1.4, setup: 0.4, backtrack: 0.2, verify: -0.6, fact: -0.7, infer: -0.9, other: -1},
    '^provide | ^include | ^use | ^add | ^write | ^mention | ^keep | ^explain | ^give | ' +
      '^make | ^start | ^start with | ^try | ^consider | ^define | ^create | ^state | ^avoid | ' +
      '^produce | ^ask | ^offer | ^address | ^suggest | ^highlight | ^return | ^compare | ' +
      '^list | ^summarize | ^end | ^then | ^draft | ^decide | ^determine | ^identify | ' +
      "^calculate | ^compute | ^find | ^be | ^don't | ^do not | ^tell | ^show | ^set | ^note | " +
      '^look',
  ],
  [
    'how-to',
    {backtrack: 0.7, other: 0.4, verify: 0.3, setup: -0.4, uncertainty: -0.9},
    'how to | ^how to | ^whether | ^what to | steps | approach | plan | strategy | options | ' +
      'option | alternatives | structure | ^approach | ^plan',
  ],
  [
    'sequence',
    {plan: 0.4, uncertainty: 0.3, act: 0.2, fact: -0.4, conclude: -0.7},
    '^first | ^next | ^then | ^now | ^after | ^finally | ^second | ^third | ^also | ^step | ' +
      'first i | then i | and then',
  ],
  [
    'also',
    {plan: 0.7, uncertainty: 0.6, setup: 0.4, act: 0.2, verify: -0.5, other: -0.5, conclude: -0.8},
    'also | additionally | maybe also | we can also | can also | should also | plus',
  ],
  [
    'will-do',
    {
      backtrack: 0.9,
      act: 0.8,
      plan: 0.4,
      setup: 0.2,
      infer: -0.3,
      verify: -0.3,
      uncertainty: -0.3,
      other: -1.1,
    },
    'will use | will be | to do | to make | to write | to use | to be | to check | ' +
      'to see if | use the | using | use | create | write | implement | code',
  ],
  [
    'call',
    {act: 0.9, fact: 0.3, verify: -0.2, backtrack: -0.6, conclude: -0.6},
    'call | calling | invoke | tool | tools | api | query | function | endpoint | ' +
      'web search | run the | execute',
  ],
  [
    'fetch',
    {
      act: 2.1,
      plan: 0.9,
      fact: 0.5,
      verify: 0.5,
      infer: -0.2,
      conclude: -0.2,
      setup: -0.6,
      other: -0.6,
    },
    'search for | search | retrieve | fetch | look up | lookup | pull | get the | open | ' +
      'read the | let me search | let me look | let me fetch | let me get | let me open | ' +
      'let me read | let me run | let me call | let me pull | look at the | proceed | ' +
      'proceed with | submit | download',
  ],
  [
    'now-act',
    {
      act: 2.5,
      verify: 1.4,
      plan: 0.7,
      backtrack: 0.4,
      conclude: 0.2,
      infer: -0.2,
      fact: -0.4,
      setup: -0.6,
      other: -0.9,
      uncertainty: -1.2,
    },
    "i will now | i'll now | now i will | now i'll | i'll call | i'll use | i will use | " +
      "i'll ask | i'll try | i'll run | i will search | i'll check | i'll look | " +
      'i should call | i need to call | let me call | let me use | let me try | let me ask | ' +
      "next i will | to start | let's begin | let's start | let's run | let's use | before i | " +
      'please provide | could you | can you',
  ],
  [
    'doing',
    {act: 1.3, verify: 1.2, other: 0.7, infer: -0.2, conclude: -0.3, setup: -0.8, plan: -0.9},
    '^calling | ^checking | ^running | ^pulling | ^fetching | ^querying | ^trying | ' +
      '^looking | ^opening | ^searching | ^sending | ^asking | ^updating | ^rewriting | ' +
      '^reading | ^creating | ^booking | ^submitting | ^retrying | ^getting | ^filing | ' +
      '^setting | ^moving | ^going | ^starting',
  ],
  [
    'first-person',
    {backtrack: 0.8, uncertainty: 0.5, plan: 0.2, conclude: -0.2, fact: -0.7, infer: -0.7},
    "i | i'm | i've | i'd | me | my",
  ],
  [
    'we',
    {verify: 1, conclude: 0.2, uncertainty: -0.2, other: -0.5},
    "we | our | us | we're | we've",
  ],
  [
    'user-mention',
    {
      setup: 0.7,
      uncertainty: 0.6,
      plan: 0.3,
      verify: 0.2,
      other: 0.2,
      infer: -0.2,
      fact: -0.3,
      act: -0.5,
      conclude: -0.6,
      backtrack: -0.7,
    },
    "the user | user | the user's | user's | the customer | they're | they",
  ],
  [
    'addressed',
    {
      act: 1.8,
      conclude: 1.6,
      other: 1.4,
      setup: 1.2,
      plan: -0.2,
      infer: -0.7,
      backtrack: -0.7,
      uncertainty: -0.8,
    },
    "you | your | you'll | you're | you can | yours | please | thank you | thanks | sorry | " +
      "i'm sorry | dear | hi | hello | happy to | feel free | let me know",
  ],
  [
    'intent-answer',
    {
      setup: 0.9,
      plan: 0.9,
      other: 0.2,
      fact: -0.2,
      infer: -0.4,
      backtrack: -0.5,
      uncertainty: -1.5,
    },
    'in the answer | in the response | in my response | in my answer | in the reply | ' +
      'tell them | tell the user | tell him | tell her | ask them | ask the user | ask for | ' +
      'let them know | remind | encourage | respond with | answer with | reply with | respond',
  ],
  [
    'must-not',
    {
      conclude: 0.9,
      plan: 0.8,
      other: 0.5,
      setup: 0.4,
      infer: -0.2,
      uncertainty: -0.5,
      act: -0.6,
      backtrack: -0.9,
    },
    "should not | shouldn't | must not | can't share | not allowed to | i should avoid | " +
      'avoid | without being | be honest | refuse to',
  ],
  [
    'future',
    {plan: 0.8, act: 0.4, uncertainty: 0.3, backtrack: -0.2, other: -0.3},
    "next | later | afterwards | then i'll | once | until then | before | after that | " +
      'if that | if it',
  ],
  [
    'import',
    {
      act: 1,
      conclude: 0.6,
      plan: 0.3,
      verify: 0.3,
      fact: -0.2,
      setup: -0.4,
      other: -0.8,
      uncertainty: -1,
    },
    'import | def | return | class | const | function | print | select | from import',
  ],
  [
    'letter-opt',
    {
      setup: 1.2,
      infer: 0.8,
      conclude: 0.3,
      plan: 0.2,
      fact: 0.2,
      act: -0.2,
      backtrack: -0.6,
      uncertainty: -0.6,
      verify: -0.8,
      other: -0.8,
    },
    'option a | option b | option c | option d | plan b | choice',
  ],
]
