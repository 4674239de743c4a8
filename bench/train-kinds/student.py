"""
The network as it ships: see `src/analysis/network/network.ts`, which computes the same. Trained on labels, on what the
teacher says of labelled and unlabelled text, and on ReasoningFlow's kinds as a second task; and on where the model turns to checking or backing up, in both.
"""
import jax
import jax.numpy as jnp
import numpy as np
import optax

from data import KINDS

WORD, HASHED, HIDDEN, STATE, FIRST = 32, 16, 48, 24, 3
K = len(KINDS)
TURNS = 3
# Of a sentence that turns, where our guideline says so. Those that ReasoningFlow marks are found more surely: with this
# weight the same confidence is best for both.
TURN_WEIGHT = 5
SMOOTHING = 0.05


def parameters(seed, data):
    r = np.random.RandomState(seed)
    make = lambda *shape, scale=None: jnp.array(
        r.randn(*shape) * (scale or np.sqrt(2 / np.prod(shape[:-1]))), jnp.float32)
    centred = data.vectors - data.vectors.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    small = centred @ axes[:WORD].T
    words = np.vstack([np.zeros((1, WORD)), small / small.std() * 0.3])
    pairs = data.index['pairs']
    p = dict(
        words=jnp.array(words, jnp.float32), hashed=make(data.index['hashed'], HASHED, scale=0.1),
        input=make(2 * (WORD + HASHED) + FIRST * WORD, HIDDEN), input_bias=jnp.zeros(HIDDEN),
        features=make(data.index['features'], HIDDEN, scale=0.05),
        near=make(3, HIDDEN, HIDDEN), near_bias=jnp.zeros(HIDDEN),
        far=make(3, HIDDEN, HIDDEN), far_bias=jnp.zeros(HIDDEN), late=make(6, HIDDEN, scale=0.05),
        gate_input=make(HIDDEN, 3 * STATE, scale=HIDDEN ** -0.5), gate_bias=jnp.zeros(3 * STATE),
        gate_state=make(STATE, 3 * STATE, scale=STATE ** -0.5), state_output=make(STATE, HIDDEN, scale=STATE ** -0.5))
    for head, size in (('', K), ('aux_', K), ('turn_', TURNS)):
        p |= {head + 'output': make(2 * HIDDEN, size, scale=0.05), head + 'output_bias': jnp.zeros(size),
              head + 'pairs': jnp.zeros((pairs, size))}
    return p


def convolve(x, w, b):
    nothing = jnp.zeros_like(x[:, :1])
    before, after = jnp.concatenate([nothing, x[:, :-1]], 1), jnp.concatenate([x[:, 1:], nothing], 1)
    return before @ w[0] + x @ w[1] + after @ w[2] + b


def forward(p, batch, heads=('', 'turn_'), key=None):
    words, hashed, tokens, pairs, pair_counts, features, feature_counts, late, mask = batch
    size, length, slots = words.shape
    keys = iter(jax.random.split(key, 7)) if key is not None else None
    keep = lambda rate, shape: jax.random.bernoulli(next(keys), rate, shape) if keys else True
    drop = lambda x, rate: x * keep(rate, x.shape) / rate if keys else x
    there = jnp.arange(slots) < tokens[..., None]
    x = jnp.concatenate([p['words'][words] * (there & keep(0.9, words.shape))[..., None],
                         p['hashed'][hashed] * (there & keep(0.85, words.shape))[..., None]], -1)
    mean = x.sum(2) / jnp.maximum(tokens, 1)[..., None]
    largest = jnp.where(tokens[..., None] > 0, jnp.where(there[..., None], x, -9.0).max(2), 0)
    v = drop(jnp.concatenate([mean, largest, x[:, :, :FIRST, :WORD].reshape(size, length, -1)], -1), 0.85)
    has = (jnp.arange(features.shape[2]) < feature_counts[..., None]) & keep(0.9, features.shape)
    by_features = (p['features'][features] * has[..., None]).sum(2) / (0.9 if keys else 1)
    v = jax.nn.relu(v @ p['input'] + p['input_bias'] + by_features) * mask[..., None]

    def step(state, gates):
        more = state @ p['gate_state']
        hold = jax.nn.sigmoid(gates[:, :STATE] + more[:, :STATE])
        reset = jax.nn.sigmoid(gates[:, STATE:2 * STATE] + more[:, STATE:2 * STATE])
        new = jnp.tanh(gates[:, 2 * STATE:] + reset * more[:, 2 * STATE:])
        state = (1 - hold) * new + hold * state
        return state, state

    gates = (v @ p['gate_input'] + p['gate_bias']).swapaxes(0, 1)
    state = jax.lax.scan(step, jnp.zeros((size, STATE)), gates)[1].swapaxes(0, 1)
    near = jax.nn.relu(convolve(v, p['near'], p['near_bias'])) * mask[..., None]
    far = near + jax.nn.relu(
        convolve(near, p['far'], p['far_bias']) + p['late'][late] + drop(state, 0.8) @ p['state_output'])
    z = drop(jnp.concatenate([v, far], -1), 0.8)
    has = (jnp.arange(pairs.shape[2]) < pair_counts[..., None]) & keep(0.75, pairs.shape)
    return [z @ p[head + 'output'] + p[head + 'output_bias'] + (p[head + 'pairs'][pairs] * has[..., None]).sum(2)
            for head in heads]


def loss(p, batch, target, mask, key, head='', weight=None, turn=None):
    if weight is not None:
        mask = mask * (target * weight).sum(-1)
    heads = (head,) if turn is None else (head, 'turn_')
    scores = [jax.nn.log_softmax(s) for s in forward(p, batch, heads, key)]
    sum_ = -((scores[0] * target).sum(-1) * mask).sum() / jnp.maximum(mask.sum(), 1)
    if turn is not None:
        said, heard, heavy = turn
        cost = -(scores[1] * said).sum(-1) * heard * (1 + (heavy - 1) * (1 - said[..., 0]))
        sum_ += cost.sum() / jnp.maximum(heard.sum(), 1)
    return sum_


def train(data, texts, soft, epochs, seed=0, size=8, trust=0.5, unlabelled=(), say=lambda *_: None):
    """
    `soft`: what the teacher says, by sentence (all zeros where it says nothing); `trust`: its part beside the label.
    """
    main, aux = data.windows(texts), data.windows(data.aux)
    pool = data.windows(unlabelled) if len(unlabelled) else None
    p = parameters(seed, data)
    count = data.target[main[0][main[1] > 0]].sum(0) + 20
    weight = (count.sum() / count) ** 0.3
    weight = jnp.array(weight / weight.mean(), jnp.float32)
    steps = epochs * (len(main[0]) // size)
    rate = optax.warmup_cosine_decay_schedule(0, 2e-3, 50, steps, 1e-5)
    names = {name: 'slow' if name == 'words' else 'fast' for name in p}
    optimiser = optax.multi_transform({'slow': optax.adamw(lambda s: rate(s) * 0.15, weight_decay=0),
                                       'fast': optax.adamw(rate, weight_decay=0.02)}, names)
    state = optimiser.init(p)

    @jax.jit
    def step(p, state, own, second, third, turns, key):
        k = jax.random.split(key, 3)

        def total(p):
            sum_ = loss(p, *own, k[0], '', weight, (*turns[0], TURN_WEIGHT))
            sum_ += 0.5 * loss(p, *second, k[1], 'aux_', turn=(*turns[1], 1))
            sum_ += 1e-5 * sum((p[head + 'pairs'] ** 2).sum() for head in ('', 'aux_', 'turn_'))
            return sum_ + loss(p, *third, k[2], '', weight) if third is not None else sum_

        value, gradient = jax.value_and_grad(total)(p)
        updates, state = optimiser.update(gradient, state, p)
        return optax.apply_updates(p, updates), state, value

    smooth = lambda t: t * (1 - SMOOTHING) + SMOOTHING / K
    r, key = np.random.RandomState(seed), jax.random.PRNGKey(seed)
    for epoch in range(epochs):
        order = r.permutation(len(main[0]))
        for i in range(0, len(order) - size + 1, size):
            chosen = order[i:i + size]
            numbers = main[0][chosen]
            n = np.maximum(numbers, 0)
            target, said = smooth(data.target[n]), soft[n]
            target = np.where(said.sum(-1, keepdims=True) > 0, (1 - trust) * target + trust * said, target)
            own = (data.batch(numbers), target, main[1][chosen] * data.labelled[n])
            turns = [(data.turn[n], main[1][chosen])]
            chosen = r.randint(0, len(aux[0]), size // 2)
            n = np.maximum(aux[0][chosen], 0)
            second = (data.batch(aux[0][chosen]), smooth(data.target[n]), aux[1][chosen] * data.labelled[n])
            turns.append((data.turn[n], aux[1][chosen]))
            third = None
            if pool is not None:
                chosen = r.randint(0, len(pool[0]), 2 * size)
                third = (data.batch(pool[0][chosen]), soft[np.maximum(pool[0][chosen], 0)], pool[1][chosen])
            key, k = jax.random.split(key)
            p, state, value = step(p, state, own, second, third, turns, k)
        say(f'  epoch {epoch + 1} of {epochs}: loss {float(value):.3f}')
    return p


run = jax.jit(lambda p, batch: jnp.concatenate(forward(p, batch), -1))


def scores(p, data, texts, size=16):
    """Scores by sentence, of the kinds and then of turns; zeros outside `texts`."""
    numbers, scored = data.windows(texts)
    out = np.zeros((data.sentences, K + TURNS), np.float32)
    for i in range(0, len(numbers), size):
        part = numbers[i:i + size]
        filled = np.concatenate([part, -np.ones((size - len(part), part.shape[1]), np.int32)])
        given = np.array(run(p, data.batch(filled)))[:len(part)]
        keep = scored[i:i + size] > 0
        out[part[keep]] = given[keep]
    return out
