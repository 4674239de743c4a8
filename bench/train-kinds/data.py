"""What `rows.ts` wrote, labels and sources beside it."""
import json
import os

import numpy as np

KINDS = ['setup', 'plan', 'fact', 'infer', 'verify', 'backtrack', 'uncertainty', 'act', 'conclude', 'other']
OWN_SETS = ('modern', 'agents', 'recordings')
AUX_SET = 'reasoningflow-gemini-v1'
MATHS = ('raw-reasoningflow', 'reasoningflow', 'mip-r1')
WINDOW, CONTEXT, LOOK_AHEAD = 64, 12, 2
MAX_FEATURES = 40


def kind_number(kind):
    return KINDS.index(kind) if kind in KINDS else -1


def source_group(text):
    """Four groups of models and sources: what is left out together when sources are left out."""
    model, origin, style = text['model'].lower(), text['from'], text['style']
    if text['set'] in ('agents', 'swe-agent', 'tau-bench-airline', 'who-and-when-algorithm'):
        for group, name in enumerate(('tau', 'swe', 'who')):
            if origin.startswith(name):
                return group
        return {'opus': 0, 'haiku': 0, 'kimi': 1, 'glm': 1, 'grok': 1, 'gpt-oss': 2, 'note': 2}.get(style, 3)
    if 'claude' in model or 'bedrock' in model:
        return 0
    if any(name in model for name in ('kimi', 'glm', 'grok')):
        return 1
    if any(name in model for name in ('gpt', 'o3', 'o1', 'o4')) or text['set'] == 'library-choice':
        return 2
    return 3


def set_name(text):
    if text['set'] != 'agents':
        return text['set']
    return 'agents-authored' if text['from'] == 'authored' else 'agents-real'


class Data:
    def __init__(self, folder):
        self.folder = folder
        self.index = index = json.load(open(os.path.join(folder, 'index.json')))
        n = self.sentences = index['sentences']
        read = lambda name, kind, width=None: np.fromfile(os.path.join(folder, name), kind).reshape(
            (n, width) if width else (-1,))
        self.words = read('words.u16', np.uint16, index['tokenSlots'])
        self.hashed = read('hashed.u16', np.uint16, index['tokenSlots'])
        self.tokens = read('tokens.u8', np.uint8).astype(np.int32)
        self.pairs = read('pairs.u16', np.uint16, index['pairSlots'])
        self.pair_counts = read('pair-counts.u8', np.uint8).astype(np.int32)
        self.features = read('features.u16', np.uint16, index['featureSlots'])[:, :MAX_FEATURES]
        self.feature_counts = np.minimum(read('feature-counts.u8', np.uint8), MAX_FEATURES).astype(np.int32)
        self.vectors = read('vectors.f32', np.float32).reshape(-1, index['dimensions'])
        self.word_hashes = np.fromfile(os.path.join(folder, 'word-hashes.i32'), np.int32)
        self.texts = index['texts']
        # A sentence takes the kind of most of its labelled characters.
        share = np.zeros((n, len(KINDS)), np.float32)
        # Row of the table that the last layer gets: sentences left (0, 1, more), and whether a call follows.
        self.late = np.full(n, LOOK_AHEAD, np.int32)
        for text in self.texts:
            text['group'] = source_group(text)
            first, count = text['first'], text['count']
            for kind, covering in text['gold']:
                if kind_number(kind) >= 0:
                    for i, overlap in covering:
                        share[first + i, kind_number(kind)] += overlap
            if count > 0:
                self.late[first + count - 1] = 0
            if count > 1:
                self.late[first + count - 2] = 1
            self.late[first:first + count] += 3 * text['calls']
        self.labelled = share.sum(1) > 0
        self.target = np.where(self.labelled[:, None], np.eye(len(KINDS), dtype=np.float32)[share.argmax(1)], 0)
        # No turn, to checking, to backing up.
        self.turn = np.tile(np.float32([1, 0, 0]), (n, 1))
        for text in self.texts:
            for i, kind in text['turns']:
                if i >= 0:
                    self.turn[text['first'] + i] = [0, kind == 'verify', kind != 'verify']
        self.own = [t for t in self.texts if t['set'] in OWN_SETS]
        self.aux = [t for t in self.texts if t['set'] == AUX_SET]
        other = (*OWN_SETS, AUX_SET, 'thought-anchors', 'parity')
        self.unlabelled = [t for t in self.texts if t['set'] not in other]
        self.parity = next(t for t in self.texts if t['set'] == 'parity')

    def windows(self, texts):
        """Sentence numbers (-1: none) and which of them are scored, in overlapping windows."""
        numbers, scored = [], []
        for text in texts:
            start, count = 0, text['count']
            while start < count:
                low = max(0, start - CONTEXT)
                high = min(count, low + WINDOW)
                row, mask = -np.ones(WINDOW, np.int32), np.zeros(WINDOW, np.float32)
                row[:high - low] = np.arange(text['first'] + low, text['first'] + high)
                until = high if high == count else high - LOOK_AHEAD
                mask[start - low:until - low] = 1
                numbers.append(row)
                scored.append(mask)
                start = until
        return np.stack(numbers), np.stack(scored)

    def batch(self, numbers):
        there = numbers >= 0
        n = np.maximum(numbers, 0)
        zero = lambda counts: np.where(there, counts[n], 0)
        return (self.words[n], self.hashed[n], zero(self.tokens), self.pairs[n], zero(self.pair_counts),
                self.features[n], zero(self.feature_counts), self.late[n], there.astype(np.float32))
