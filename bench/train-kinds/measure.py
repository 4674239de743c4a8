"""How well probabilities agree with labels; each labelled stretch takes the kind that covers most of it."""
import numpy as np

from data import KINDS, MATHS, kind_number, set_name

K = len(KINDS)


def outcomes(texts, probabilities):
    """By set: (text, gold, given, confidence, sentence) of every labelled stretch."""
    found = {}
    for number, text in enumerate(texts):
        names = [set_name(text)] + (['mathematics'] if text['from'] in MATHS else [])
        for kind, covering in text['gold']:
            gold = kind_number(kind)
            if gold < 0 or not covering:
                continue
            votes = np.zeros(K)
            for i, overlap in covering:
                votes[probabilities[text['first'] + i].argmax()] += overlap
            main = text['first'] + max(covering, key=lambda c: c[1])[0]
            row = (number, gold, int(votes.argmax()), float(probabilities[main].max()), main)
            for name in names:
                found.setdefault(name, []).append(row)
    return found


def kappa(gold, given):
    counts = np.zeros((K, K))
    np.add.at(counts, (gold, given), 1)
    n = counts.sum()
    chance = (counts.sum(0) * counts.sum(1)).sum() / n / n
    return (np.trace(counts) / n - chance) / (1 - chance)


def calibration_error(right, confidence, bins=10):
    error, which = 0.0, np.minimum((confidence * bins).astype(int), bins - 1)
    for b in range(bins):
        inside = which == b
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


def summary(rows, draws=300, seed=1):
    text, gold, given = (np.array([r[i] for r in rows]) for i in range(3))
    confidence = np.array([r[3] for r in rows])
    right = gold == given
    sure = confidence > 0.8
    r = np.random.RandomState(seed)
    by_text = [np.flatnonzero(text == t) for t in np.unique(text)]
    values = []
    for _ in range(draws):
        chosen = np.concatenate([by_text[i] for i in r.randint(0, len(by_text), len(by_text))])
        values.append(kappa(gold[chosen], given[chosen]))
    low, high = np.quantile(values, [0.025, 0.975])
    f1 = {}
    for k, name in enumerate(KINDS):
        if (gold == k).any():
            f1[name] = round(float(2 * (right & (gold == k)).sum() / ((gold == k).sum() + (given == k).sum())), 3)
    return dict(sentences=len(rows), kappa=round(float(kappa(gold, given)), 3), low=round(float(low), 3),
                high=round(float(high), 3), calibrationError=round(float(calibration_error(right, confidence)), 3),
                sureShare=round(float(sure.mean()), 3), sureRight=round(float(right[sure].mean()), 3) if sure.any() else None,
                f1=f1)


def best_temperature(scores, target):
    """The divisor of the scores under which the labels are most likely."""
    def cost(t):
        z = scores / t
        z = z - z.max(1, keepdims=True)
        return -((z - np.log(np.exp(z).sum(1, keepdims=True))) * target).sum(1).mean()
    return min(np.arange(0.5, 3.01, 0.02), key=cost)


def softmax(scores):
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
