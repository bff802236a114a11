"""Makes test/golden/metrics.json: F1 and AUC by scikit-learn, BLEU by sacreBLEU, edit distances by the definition.

Run: python3 scripts/golden/metrics.py (scikit-learn, sacrebleu).
"""
import functools
import json
import os

import numpy as np
import sacrebleu
from sklearn.metrics import f1_score, roc_auc_score

rng = np.random.default_rng(11)
out = {'f1': [], 'auc': [], 'bleu': [], 'edit': []}
for n, classes, average in ((20, 2, 'binary'), (30, 4, 'macro'), (30, 4, 'weighted'), (30, 4, 'micro'), (6, 3, 'macro'), (5, 2, 'binary'), (8, 5, 'weighted')):
    p, t = rng.integers(0, classes, n), rng.integers(0, classes, n)
    out['f1'].append({'predicted': p.tolist(), 'target': t.tolist(), 'average': average, 'value': f1_score(t, p, average=average, zero_division=0)})
out['f1'].append({'predicted': [0, 0, 0], 'target': [0, 1, 1], 'average': 'binary', 'value': f1_score([0, 1, 1], [0, 0, 0], zero_division=0)})
for n, levels in ((10, 100), (40, 1000), (30, 4), (12, 2)):
    s, t = rng.integers(0, levels, n) / levels, rng.integers(0, 2, n)
    t[:2] = 0, 1
    out['auc'].append({'scores': s.tolist(), 'target': t.tolist(), 'value': roc_auc_score(t, s)})

words = 'the a cat dog sat ran on under mat tree and then slept'.split()
sentence = lambda n: ' '.join(rng.choice(words, n))
for texts, refs in ((3, 1), (4, 2), (1, 3), (5, 1)):
    references = [[sentence(int(rng.integers(5, 11))) for _ in range(refs)] for _ in range(texts)]
    outputs = []
    for own in references:
        tokens = own[0].split()
        for _ in range(2):
            tokens[int(rng.integers(0, len(tokens)))] = str(rng.choice(words))
        outputs.append(' '.join(tokens[:int(rng.integers(4, len(tokens) + 1))]))
    for smoothing in ('exp', 'none'):
        for order in (4, 2):
            score = sacrebleu.BLEU(smooth_method=smoothing, tokenize='none', max_ngram_order=order).corpus_score(outputs, [list(r) for r in zip(*references)]).score
            out['bleu'].append({'outputs': outputs, 'references': references, 'smoothing': smoothing, 'order': order, 'value': score})
hard = {'outputs': ['the cat ran up a wall', 'no match here at all'], 'references': [['a dog sat on the mat'], ['quite other words stand in it']]}
for smoothing in ('exp', 'none'):
    out['bleu'].append({**hard, 'smoothing': smoothing, 'order': 4, 'value': sacrebleu.BLEU(smooth_method=smoothing, tokenize='none').corpus_score(hard['outputs'], [[r[0] for r in hard['references']]]).score})


def distance(a, b):
    """The recursion of the definition, without a table."""
    @functools.cache
    def d(i, j):
        if i == 0 or j == 0:
            return i + j
        return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] != b[j - 1]))
    return d(len(a), len(b))


for n, m in ((5, 7), (8, 8), (0, 3), (10, 4), (6, 6)):
    a, b = ''.join(rng.choice(list('abc'), n)), ''.join(rng.choice(list('abc'), m))
    out['edit'].append({'a': a, 'b': b, 'value': distance(a, b)})
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/metrics.json')
with open(path, 'w') as file:
    file.write('{\n' + ',\n'.join('"%s":[\n%s\n]' % (k, ',\n'.join(json.dumps(r, separators=(',', ':')) for r in v)) for k, v in out.items()) + '\n}\n')
print({k: len(v) for k, v in out.items()})
