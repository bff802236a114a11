"""Golden samples: Kullback-Leibler, focal, contrastive and CTC losses."""
import torch
import torch.nn.functional as F

from nn_common import case
from ops_common import f, i, ints, q

REDUCE = {'mean': torch.mean, 'sum': torch.sum, 'none': lambda t: t}


def divergence():
    for reduction, theirs in (('batchMean', 'batchmean'), ('mean', 'mean'), ('sum', 'sum'), ('none', 'none')):
        p = f(torch.softmax(torch.from_numpy(q(3, 4).array), 1).numpy())
        case('klDivergence', lambda x, t: F.kl_div(x.log_softmax(-1), t, reduction=theirs), [q(3, 4), p], [{'reduction': reduction}])
        case('klDivergence', lambda x, t: F.kl_div(x.log_softmax(-1), t, reduction=theirs, log_target=True), [q(3, 4), q(3, 4)], [{'reduction': reduction, 'logTarget': True}])
    case('klDivergence', lambda x, t: F.kl_div(x.log_softmax(-1), t.detach(), reduction='batchmean'), [q(2, 3), f([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])], [{}], grad=False)


def focal():
    """torchvision.ops.sigmoid_focal_loss, written out; with classes the paper's formula."""
    def binary(x, y, gamma, alpha, reduction):
        p = torch.sigmoid(x)
        loss = F.binary_cross_entropy_with_logits(x, y, reduction='none') * (1 - (p * y + (1 - p) * (1 - y))) ** gamma
        return REDUCE[reduction](loss if alpha is None else (alpha * y + (1 - alpha) * (1 - y)) * loss)
    for gamma, alpha, reduction in ((2, 0.25, 'mean'), (0, None, 'sum'), (1.5, 0.6, 'none'), (1, None, 'mean')):
        y = f(ints(3, 4, lo=0, hi=1).array.astype(float))
        case('focal', lambda x, y: binary(x, y, gamma, alpha, reduction), [q(3, 4), y], [{'gamma': gamma, 'alpha': alpha, 'reduction': reduction}])

    def classes(x, y, gamma, alpha, reduction):
        logs = x.log_softmax(-1).gather(-1, y.long().unsqueeze(-1)).squeeze(-1)
        return REDUCE[reduction](-(alpha or 1) * (1 - logs.exp()) ** gamma * logs)
    for gamma, alpha, reduction in ((2, None, 'mean'), (3, 0.5, 'none'), (0.5, None, 'sum')):
        case('focal', lambda x, y: classes(x, y, gamma, alpha, reduction), [q(4, 3), ints(4, lo=0, hi=2)], [{'gamma': gamma, 'alpha': alpha, 'reduction': reduction}])


def contrastive():
    def loss(a, b, more, temperature, symmetric, reduction):
        a, b = F.normalize(a, dim=-1), F.normalize(b, dim=-1)
        scores = torch.cat([a @ b.T] + ([] if more is None else [a @ F.normalize(more, dim=-1).T]), 1) / temperature
        labels = torch.arange(len(a))
        y = F.cross_entropy(scores, labels, reduction='none')
        return REDUCE[reduction]((y + F.cross_entropy(scores.T, labels, reduction='none')) / 2 if symmetric else y)
    for options, negatives in (({}, None), ({'temperature': 0.5, 'symmetric': True}, None), ({'temperature': 1, 'reduction': 'none'}, 4), ({'temperature': 0.2, 'reduction': 'sum'}, None)):
        case('infoNCE', lambda a, b, more=None: loss(a, b, more, options.get('temperature', 0.07), options.get('symmetric', False), options.get('reduction', 'mean')),
             [q(3, 5), q(3, 5)] + ([q(negatives, 5)] if negatives else []), [options])


def ctc():
    for shape, labels, options in [
        ((2, 5, 4), [[1, 2], [3, 3]], {}),
        ((2, 6, 3), [[1, 1, 2], [2, 1, 2]], dict(reduction='none')),
        ((3, 6, 4), [[1, 2, 3], [2, 2, 0], [1, 0, 0]], dict(reduction='sum', inputLengths=[6, 4, 2], targetLengths=[3, 2, 1])),
        ((2, 4, 3), [[0, 1], [1, 0]], dict(blank=2)),
        ((1, 1, 3), [[2]], {}),
        ((2, 3, 3), [[1, 2], [1, 1]], dict(inputLengths=[3, 2], targetLengths=[0, 2], zeroInfinity=True)),
    ]:
        B, T, _ = shape

        def compute(x, t, options=options, B=B, T=T):
            return F.ctc_loss(x.log_softmax(-1).transpose(0, 1), t.long(), options.get('inputLengths', [T] * B), options.get('targetLengths', [t.shape[1]] * B),
                              options.get('blank', 0), options.get('reduction', 'mean'), options.get('zeroInfinity', False))
        case('ctc', compute, [q(*shape), i(labels)], [options])


def all_losses():
    divergence()
    focal()
    contrastive()
    ctc()
