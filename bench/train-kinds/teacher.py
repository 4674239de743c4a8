"""
The teacher: MiniLM fine-tuned to label the sentences of a stretch of text together. Slow and large; what it says of text that
nobody labelled is what the network learns from besides the labels.
"""
import json
import os

import jax
import jax.numpy as jnp
import numpy as np
import optax

import minilm
from data import KINDS

K = len(KINDS)
LENGTH, MOST = 256, 48  # tokens and sentences of a stretch
HEAD, TAIL = 40, 16  # tokens of a long sentence
BEFORE, AFTER = 48, 2  # tokens before and sentences after those that are scored
START, END, PARAGRAPH, LINE = 101, 102, 1, 2
FROZEN = 1  # layers that keep their weights
SMOOTHING = 0.08


class Stretches:
    """Cuts texts into stretches of sentences."""

    def __init__(self, data, tokenizer):
        self.tokenizer = tokenizer
        self.lines = open(os.path.join(data.folder, 'texts.jsonl')).read().split('\n')
        self.place = {id(text): i for i, text in enumerate(data.texts)}

    def of(self, text):
        row = json.loads(self.lines[self.place[id(text)]])
        units = row['trace'].encode('utf-16-le', 'surrogatepass')
        piece = lambda a, b: units[2 * a:2 * b].decode('utf-16-le', 'replace')
        encoded = self.tokenizer.encode_batch([piece(a, b) for a, b in row['ranges']], add_special_tokens=False)
        sentences, end = [], 0
        for found, (a, b) in zip(encoded, row['ranges']):
            ids = found.ids if len(found.ids) <= HEAD + TAIL else found.ids[:HEAD] + found.ids[-TAIL:]
            breaks = piece(end, a).count('\n')
            sentences.append(([PARAGRAPH] if breaks > 1 else [LINE] if breaks else []) + ids + [END])
            end = b
        head = [START]
        if row['tools']:
            names = 'calls ' + ' '.join(row['tools'][:4]).replace('_', ' ')
            head += self.tokenizer.encode(names, add_special_tokens=False).ids[:24]
        head.append(END)
        out, i, n = [], 0, len(sentences)
        while i < n:
            low = i
            used = 0
            while low > 0 and used + len(sentences[low - 1]) <= BEFORE:
                low -= 1
                used += len(sentences[low])
            high, used = low, len(head)
            while high < n and used + len(sentences[high]) <= LENGTH and high - low < MOST:
                used += len(sentences[high])
                high += 1
            high = max(high, i + 1)
            until = high if high == n else max(i + 1, high - AFTER)
            ids, owner = list(head), [MOST] * len(head)
            for q in range(low, high):
                ids += sentences[q]
                owner += [q - low] * len(sentences[q])
            numbers = -np.ones(MOST, np.int32)
            numbers[i - low:until - low] = text['first'] + np.arange(i, until)
            filled = lambda values, rest: np.array((values + [rest] * LENGTH)[:LENGTH], np.int32)
            out.append((filled(ids, 0), filled(owner, MOST), min(len(ids), LENGTH), numbers))
            i = until
        return out


def stacked(stretches):
    return [np.stack([s[i] for s in stretches]) for i in range(4)]


def forward(p, ids, owner, length, head='', key=None):
    keys = iter(jax.random.split(key, 3)) if key is not None else None
    drop = lambda x, rate: x * jax.random.bernoulli(next(keys), 1 - rate, x.shape) / (1 - rate) if keys else x
    mask = (jnp.arange(ids.shape[1])[None] < length[:, None]).astype(jnp.float32)
    x = drop(minilm.embed(p['body']['base'], ids), 0.1)
    for i, layer in enumerate(p['body']['layers']):
        x = minilm.layer(layer, x, mask)
        if i < FROZEN:
            x = jax.lax.stop_gradient(x)
    x = drop(x, 0.1)
    belongs = jax.nn.one_hot(owner, MOST)
    mean = jnp.einsum('bts,btd->bsd', belongs, x) / jnp.maximum(belongs.sum(1), 1)[..., None]
    first = jnp.take_along_axis(x, jnp.argmax(belongs, 1)[..., None], 1)
    z = drop(jnp.concatenate([mean, first], -1), 0.2)
    return z @ p[head + 'output'] + p[head + 'bias']


def train(data, texts, epochs, seed=0, size=10, say=lambda *_: None):
    body, tokenizer = minilm.load()
    stretches = Stretches(data, tokenizer)
    own = [s for text in texts for s in stretches.of(text)]
    aux = [s for text in data.aux[::3] for s in stretches.of(text)]
    r, key = np.random.RandomState(seed), jax.random.PRNGKey(seed)
    p = dict(body=body)
    for head in ('', 'aux_'):
        p |= {head + 'output': jnp.array(r.randn(2 * minilm.SIZE, K) * 0.02, jnp.float32), head + 'bias': jnp.zeros(K)}
    steps = epochs * (len(own) // size)
    rate = optax.warmup_cosine_decay_schedule(0, 1.5e-4, 40, steps, 1e-6)

    def speed(path, _):
        if path[0].key != 'body':
            return 'head'
        return 'still' if path[1].key == 'base' or path[2].idx < FROZEN else 'body'

    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.multi_transform(
        {'head': optax.adamw(lambda s: rate(s) * 10, weight_decay=0.01), 'body': optax.adamw(rate, weight_decay=0.01),
         'still': optax.set_to_zero()}, jax.tree_util.tree_map_with_path(speed, p)))
    state = optimiser.init(p)

    def loss(p, batch, target, head, key):
        known = target.sum(-1)
        wanted = target * (1 - SMOOTHING) + SMOOTHING / K
        scores = jax.nn.log_softmax(forward(p, *batch[:3], head, key))
        return -((scores * wanted).sum(-1) * known).sum() / jnp.maximum(known.sum(), 1)

    @jax.jit
    def step(p, state, own, target, aux, aux_target, key):
        k = jax.random.split(key)
        total = lambda p: loss(p, own, target, '', k[0]) + 0.3 * loss(p, aux, aux_target, 'aux_', k[1])
        value, gradient = jax.value_and_grad(total)(p)
        updates, state = optimiser.update(gradient, state, p)
        return optax.apply_updates(p, updates), state, value

    wanted = lambda batch: np.where(batch[3][..., None] >= 0, data.target[np.maximum(batch[3], 0)], 0)
    for epoch in range(epochs):
        order = r.permutation(len(own))
        for i in range(0, len(order) - size + 1, size):
            a = stacked([own[j] for j in order[i:i + size]])
            b = stacked([aux[j] for j in r.randint(0, len(aux), 2)])
            key, k = jax.random.split(key)
            p, state, value = step(p, state, a, wanted(a), b, wanted(b), k)
        say(f'  epoch {epoch + 1} of {epochs}: loss {float(value):.3f}')
    return p, stretches


run = jax.jit(lambda p, ids, owner, length: jax.nn.softmax(forward(p, ids, owner, length)))


def teach(p, stretches, data, texts, size=16):
    """Probabilities by sentence; zeros outside `texts`."""
    # By length, since most texts of agents are much shorter than a stretch.
    todo = sorted((s for text in texts for s in stretches.of(text)), key=lambda s: s[2])
    out = np.zeros((data.sentences, K), np.float32)
    for i in range(0, len(todo), size):
        part = todo[i:i + size]
        batch = stacked(part + [part[-1]] * (size - len(part)))
        length = min(LENGTH, -(-int(batch[2].max()) // 64) * 64)
        given = np.array(run(p, batch[0][:, :length], batch[1][:, :length], batch[2]))[:len(part)]
        there = batch[3][:len(part)] >= 0
        out[batch[3][:len(part)][there]] = given[there]
    return out
