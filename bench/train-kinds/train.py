"""
python train.py ROWS [--folds source|trace] [--teacher FILE] [--epochs N] ...: see README.md. Called by index.mjs.
"""
import argparse
import json
import os
import pickle
import time

import numpy as np

import export
import measure
import student
from data import Data, KINDS

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
NETWORK = os.path.join(ROOT, 'src', 'analysis', 'network', 'kinds.bin')
PARITY = os.path.join(ROOT, 'test', 'fixtures', 'kinds-parity.json')
REPORT = os.path.join(ROOT, 'bench', 'train-kinds', 'report.json')

# Chosen on sources that were left out (`--folds source`); every network is trained with the same.
TEMPERATURE = 1.15
TEACHER_EPOCHS, STUDENT_EPOCHS = 4, 40
TRUST = 0.7
# Added to scores: without it hardly one turn back in ten is found, since they are one sentence in a hundred.
BIAS = {'backtrack': 1.0}
# The sources that the teacher is not trained on: they tell how good it is.
HELD_GROUP = 2
# Texts of each unlabelled set that are taught, at most.
MOST_TEXTS = {'benign-chat': 400, 'library-choice': 40, 'mip': 50, 'raw-reasoningflow': 70, 'who-and-when-algorithm': 600}

started = time.time()


def say(*words):
    print(f'[{time.time() - started:5.0f} s]', *words, flush=True)


def pool(data, without=None):
    """Unlabelled texts, spread over their set; none of the sources that are left out."""
    chosen = []
    for name in sorted({t['set'] for t in data.unlabelled}):
        texts = [t for t in data.unlabelled if t['set'] == name]
        most = MOST_TEXTS.get(name, len(texts))
        texts = [texts[i * len(texts) // most] for i in range(most)] if most < len(texts) else texts
        chosen += [t for t in texts if t['group'] != without]
    return chosen


def learn(data, texts, unlabelled, options, known=None):
    """The network trained on `texts`. In folds the teacher sees the same texts, else all but the held group."""
    if known is None and options.no_teacher:
        soft, unlabelled = np.zeros((data.sentences, student.K), np.float32), []
    elif known is None:
        taught = texts if options.folds else [t for t in texts if t['group'] != HELD_GROUP]
        say(f'teacher: {len(taught)} texts')
        # Here, since nothing else needs its libraries.
        import teacher
        body, stretches = teacher.train(data, taught, options.teacher_epochs, options.seed, say=say)
        say(f'teaching {sum(t["count"] for t in texts + unlabelled)} sentences')
        soft = teacher.teach(body, stretches, data, texts + unlabelled)
        if options.said:
            with open(options.said, 'wb') as out:
                pickle.dump(soft, out)
        held = [t for t in texts if t['group'] == HELD_GROUP]
        if not options.folds:
            for name, rows in sorted(measure.outcomes(held, soft).items()):
                say(f'  teacher on sources that it has not seen, {name}: kappa {measure.summary(rows)["kappa"]}')
    else:
        soft = known
    say('network')
    p = student.train(data, texts, soft, options.epochs, options.seed, trust=options.trust, unlabelled=unlabelled, say=say)
    p['output_bias'] = p['output_bias'] + np.array([BIAS.get(kind, 0) for kind in KINDS], np.float32)
    return p


def folds(data, by):
    """(name, texts to train on, texts held back, group of sources held back or None)."""
    for fold in range(4):
        if by == 'source':
            yield [t for t in data.own if t['group'] != fold], [t for t in data.own if t['group'] == fold], fold
        else:
            yield ([t for i, t in enumerate(data.own) if i % 4 != fold], [t for i, t in enumerate(data.own) if i % 4 == fold],
                   None)


def report(data, texts, scores, by, options):
    scores = scores[:, :student.K]
    probabilities = measure.softmax(scores / options.temperature)
    found = measure.outcomes(texts, probabilities)
    summaries = {name: measure.summary(rows) for name, rows in sorted(found.items())}
    for name, s in summaries.items():
        say(f'  {name}: kappa {s["kappa"]} [{s["low"]}, {s["high"]}], calibration error {s["calibrationError"]}, '
            f'over 0.8: {s["sureShare"]:.0%}, {s["sureRight"]} right')
    every = [i for t in texts for i in range(t['first'], t['first'] + t['count']) if data.labelled[i]]
    say(f'  best temperature {measure.best_temperature(scores[every], data.target[every]):.2f}')
    if options.mistakes:
        write_mistakes(data, texts, found, options.mistakes)
    return summaries


def write_held_back(data, texts, scores, options):
    """What sentences got from a network that was not trained on their text: `bench/insight/phases.mjs` makes steps of it."""
    kinds = measure.softmax(scores[:, :student.K] / options.temperature)
    turns = measure.softmax(scores[:, student.K:])
    with open(os.path.join(data.folder, 'held-back.jsonl'), 'w') as out:
        for t in texts:
            labels = [dict(kind=KINDS[kinds[i].argmax()], confidence=round(float(kinds[i].max()), 2),
                           turn=dict(kind='verify' if turns[i, 1] >= turns[i, 2] else 'backtrack',
                                     confidence=round(float(1 - turns[i, 0]), 3)))
                      for i in range(t['first'], t['first'] + t['count'])]
            out.write(json.dumps(dict(set=t['set'], id=t['id'], labels=labels)) + '\n')


def write_mistakes(data, texts, found, path):
    """A table of what was taken for what, and the surest mistakes with the sentence: not for the repository."""
    lines = open(os.path.join(data.folder, 'texts.jsonl')).read().split('\n')
    place = {id(t): i for i, t in enumerate(data.texts)}
    rows = [r for name, part in found.items() if name != 'mathematics' for r in part]
    counts = np.zeros((student.K, student.K), int)
    np.add.at(counts, ([r[1] for r in rows], [r[2] for r in rows]), 1)
    with open(path, 'w') as out:
        out.write('labelled \\ given | ' + ' | '.join(KINDS) + '\n')
        for name, row in zip(KINDS, counts):
            out.write(f'{name} | ' + ' | '.join(map(str, row)) + '\n')
        wrong = sorted((r for r in rows if r[1] != r[2]), key=lambda r: -r[3])
        for number, gold, given, confidence, sentence in wrong[:120]:
            text = texts[number]
            row = json.loads(lines[place[id(text)]])
            units = row['trace'].encode('utf-16-le', 'surrogatepass')
            a, b = row['ranges'][sentence - text['first']]
            said = units[2 * a:2 * b].decode('utf-16-le', 'replace')[:300].replace('\n', '⏎')
            out.write(f'\n{text["id"]}: {KINDS[gold]}, given {KINDS[given]} at {confidence:.2f}\n  {said}\n')




def main():
    a = argparse.ArgumentParser()
    a.add_argument('rows')
    a.add_argument('--folds', choices=['source', 'trace'], help='measure, and write nothing but the report')
    a.add_argument('--only', type=int, help='one fold of them')
    a.add_argument('--epochs', type=int, default=STUDENT_EPOCHS)
    a.add_argument('--teacher-epochs', type=int, default=TEACHER_EPOCHS)
    a.add_argument('--no-teacher', action='store_true')
    a.add_argument('--trust', type=float, default=TRUST)
    a.add_argument('--temperature', type=float, default=TEMPERATURE)
    a.add_argument('--seed', type=int, default=0)
    a.add_argument('--version', type=int, default=1)
    a.add_argument('--said', help='file of what a teacher said: read if it is there, else written')
    a.add_argument('--mistakes', help='file for the surest mistakes')
    options = a.parse_args()
    data = Data(options.rows)
    say(f'{len(data.own)} labelled texts, {int(data.labelled.sum())} labelled sentences with ReasoningFlow\'s')
    known = pickle.load(open(options.said, 'rb')) if options.said and os.path.exists(options.said) else None
    if options.folds:
        scores, tested = np.zeros((data.sentences, student.K + student.TURNS), np.float32), []
        for number, (train, test, group) in enumerate(folds(data, options.folds)):
            if options.only is not None and number != options.only:
                continue
            p = learn(data, train, pool(data, group), options, known)
            scores += student.scores(p, data, test)
            tested += test
            say(f'fold {number}')
            if options.only is None:
                report(data, test, scores, options.folds, options)
        summaries = report(data, tested, scores, options.folds, options)
        write_held_back(data, tested, scores, options)
        if options.only is None:
            old = json.load(open(REPORT)) if os.path.exists(REPORT) else {}
            old[options.folds + (', without the teacher' if options.no_teacher else '')] = summaries
            with open(REPORT, 'w') as out:
                json.dump(old, out, indent=1)
                out.write('\n')
        return
    p = learn(data, data.own, pool(data), options, known)
    back, size = export.write(NETWORK, {k: np.array(v) for k, v in p.items()}, data, options.temperature, options.version)
    say(f'{size} bytes')
    parity(data, back)


def parity(data, p):
    """What the network says of our own text, by the parameters as they were written."""
    text = data.parity
    row = json.loads(open(os.path.join(data.folder, 'texts.jsonl')).read().split('\n')[data.texts.index(text)])
    given = student.scores(p, data, [text])[text['first']:text['first'] + text['count']]
    file = json.load(open(PARITY))
    file |= dict(ranges=row['ranges'], scores=[[round(float(x), 5) for x in row] for row in given])
    with open(PARITY, 'w') as out:
        out.write('{\n' + ',\n'.join(f' {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}' for k, v in file.items()) + '\n}\n')


if __name__ == '__main__':
    main()
