"""Makes test/golden/models.json: whole models by PyTorch, torchvision and Hugging Face transformers, in float64.

Weights come from a formula by their names (formula.py), so the file holds only results: outputs, and of every parameter's
gradient its inner product with a vector of the formula and its norm.

Run: python3 scripts/golden/models.py (torch 2, torchvision, transformers). The tests read the file; they need no Python.
"""
import json
import os
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter('ignore')

import torch
import torchvision
from torch import nn
from torchvision.models import resnet
from torchvision.models.vgg import VGG, make_layers
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel, GPT2Config, GPT2LMHeadModel

import formula

RUNS = []
short = lambda v: float(f'{v:.10g}')


def digest(name, t):
    flat = t.detach().double().reshape(-1)
    return [short((flat * torch.from_numpy(formula.uniform('~' + name, flat.numel()))).sum()), short(flat.norm())]


def whole(t):
    return {'s': list(t.shape), 'v': [short(v) for v in t.detach().reshape(-1)]}


def run(kind, options, model, compute, names=None, after=None):
    """`compute(model)` gives one tensor or several; `names` restricts and renames parameters."""
    model = model.double()
    with torch.no_grad():
        for name, t in list(model.named_parameters()) + [(n, b) for n, b in model.named_buffers() if b.is_floating_point()]:
            t.copy_(formula.weight(name, tuple(t.shape)))
    out = compute(model)
    outs = out if isinstance(out, (tuple, list)) else [out]
    loss = sum((o * torch.from_numpy(formula.uniform(f'cotangent {i}', o.numel())).reshape(o.shape)).sum() for i, o in enumerate(outs))
    loss.backward()
    record = {'kind': kind, 'options': options, 'outputs': [whole(o) for o in outs], 'gradients': {}}
    for name, p in model.named_parameters():
        record['gradients'][name] = {'s': list(p.shape), 'd': digest(name, torch.zeros_like(p) if p.grad is None else p.grad)}
    buffers = {n: b for n, b in model.named_buffers() if b.is_floating_point() and 'running' in n}
    if buffers:
        record['buffers'] = {n: {'s': list(b.shape), 'd': digest(n, b)} for n, b in buffers.items()}
        with torch.no_grad():
            for name, t in buffers.items():
                t.copy_(formula.weight(name, tuple(t.shape)))
        out = compute(model.eval())
        record['evaluated'] = [whole(o) for o in (out if isinstance(out, (tuple, list)) else [out])]
    RUNS.append(record)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.full1, self.full2, self.out = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        pool = nn.functional.max_pool2d
        a = pool(torch.relu(self.conv2(pool(torch.relu(self.conv1(x)), 2))), 2).flatten(1)
        return self.out(torch.relu(self.full2(torch.relu(self.full1(a)))))


def pictures():
    run('LeNet', {}, LeNet(), lambda m: m(formula.inputs('x', (2, 1, 28, 28))))

    widths, hidden = [4, 6, 8, 6, 5], 12
    net = torchvision.models.alexnet(num_classes=1)
    a, b, c, d, e = widths
    net.features[0], net.features[3] = nn.Conv2d(3, a, 11, 4, 2), nn.Conv2d(a, b, 5, padding=2)
    net.features[6], net.features[8], net.features[10] = (nn.Conv2d(i, o, 3, padding=1) for i, o in ((b, c), (c, d), (d, e)))
    net.classifier[1], net.classifier[4], net.classifier[6] = nn.Linear(e * 36, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 5)
    run('AlexNet', {'classes': 5, 'widths': widths, 'hidden': hidden}, net.eval(), lambda m: m(formula.inputs('x', (2, 3, 95, 95))))

    for depth, norm in ((11, False), (13, True)):
        widths, hidden = [4, 4, 6, 6, 8], 10
        stages = {11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2]}[depth]
        net = VGG(make_layers([v for n, w in zip(stages, widths) for v in [w] * n + ['M']], batch_norm=norm), num_classes=1, init_weights=False)
        net.classifier[0], net.classifier[3], net.classifier[6] = nn.Linear(8 * 49, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 3)
        net.classifier[2], net.classifier[5] = nn.Identity(), nn.Identity()
        run('VGG', {'depth': depth, 'classes': 3, 'widths': widths, 'hidden': hidden, 'batchNorm': norm, 'dropout': 0}, net, lambda m: m(formula.inputs('x', (2, 3, 32, 64))))

    for options in (dict(blocks=[2, 1, 1, 1], widths=[4, 6, 8, 10]), dict(blocks=[1, 2, 1, 1], widths=[4, 4, 6, 8], bottleneck=True)):
        block = resnet.Bottleneck if options.get('bottleneck') else resnet.BasicBlock
        net = resnet.ResNet(block, options['blocks'], num_classes=3)
        net.inplanes = options['widths'][0]
        net.conv1, net.bn1 = nn.Conv2d(3, net.inplanes, 7, 2, 3, bias=False), nn.BatchNorm2d(net.inplanes)
        for i, (n, w) in enumerate(zip(options['blocks'], options['widths'])):
            setattr(net, f'layer{i + 1}', net._make_layer(block, w, n, stride=1 if i == 0 else 2))
        net.fc = nn.Linear(net.inplanes, 3)
        run('ResNet', {**options, 'classes': 3}, net.train(), lambda m: m(formula.inputs('x', (2, 3, 40, 48))))

    net = torchvision.models.VisionTransformer(image_size=12, patch_size=4, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=12, num_classes=3)
    run('ViT', {'imageSize': 12, 'patchSize': 4, 'layers': 2, 'heads': 2, 'width': 8, 'hidden': 12, 'classes': 3}, net.eval(), lambda m: m(formula.inputs('x', (2, 3, 12, 12))))

    run('DeepBeliefNetwork', {'inputs': 12, 'hidden': [8, 6], 'classes': 3}, nn.Sequential(nn.Linear(12, 8), nn.Sigmoid(), nn.Linear(8, 6), nn.Sigmoid(), nn.Linear(6, 3)), lambda m: m(formula.inputs('x', (4, 12))))


class RecurrentLM(nn.Module):
    def __init__(self, kind, vocabulary, embedding, width, layers, tied=False):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, embedding)
        self.recurrent = getattr(nn, kind.upper())(embedding, width, layers, batch_first=True)
        self.out = None if tied else nn.Linear(width, vocabulary)

    def forward(self, ids):
        y, state = self.recurrent(self.tokens(ids))
        logits = y @ self.tokens.weight.T if self.out is None else self.out(y)
        return (logits, *state) if isinstance(state, tuple) else (logits, state)


class Seq2Seq(nn.Module):
    """Bahdanau et al. (2014), as their appendix A.1 has it, with PyTorch's GRU."""

    def __init__(self, source, target, width):
        super().__init__()
        self.source, self.target = nn.Embedding(source, width), nn.Embedding(target, width)
        self.encoder = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(width, width)
        self.query, self.key, self.score = nn.Linear(width, width, bias=False), nn.Linear(2 * width, width), nn.Linear(width, 1, bias=False)
        self.decoder = nn.GRUCell(3 * width, width)
        self.out = nn.Linear(4 * width, target)

    def forward(self, source, lengths, target):
        packed = nn.utils.rnn.pack_padded_sequence(self.source(source), lengths, batch_first=True, enforce_sorted=False)
        y, last = self.encoder(packed)
        y, _ = nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=source.shape[1])
        pad = torch.arange(source.shape[1])[None] >= torch.tensor(lengths)[:, None]
        state = torch.tanh(self.bridge(last[1]))
        logits = []
        for t in range(target.shape[1]):
            e = self.score(torch.tanh(self.query(state)[:, None] + self.key(y)))[..., 0].masked_fill(pad, float('-inf'))
            context = (e.softmax(1)[..., None] * y).sum(1)
            token = self.target(target[:, t])
            state = self.decoder(torch.cat([token, context], 1), state)
            logits.append(self.out(torch.cat([state, context, token], 1)))
        return torch.stack(logits, 1)


class Transformer(nn.Module):
    def __init__(self, source, target, width, heads, layers, hidden, norm_first):
        super().__init__()
        self.source, self.target = nn.Embedding(source, width), nn.Embedding(target, width)
        self.body = nn.Transformer(width, heads, layers, layers, hidden, 0.0, norm_first=norm_first, batch_first=True)
        if not norm_first:
            # the paper's stacks end with their last block
            self.body.encoder.norm = self.body.decoder.norm = None
        self.out = nn.Linear(width, target)

    def forward(self, source, lengths, target):
        def embed(table, ids):
            T, C = ids.shape[1], table.weight.shape[1]
            angle = torch.arange(T, dtype=torch.float64)[:, None] / 10000 ** (torch.arange(0, C, 2, dtype=torch.float64) / C)
            return table(ids) * C ** 0.5 + torch.stack([angle.sin(), angle.cos()], -1).flatten(1)
        pad = torch.arange(source.shape[1])[None] >= torch.tensor(lengths)[:, None]
        T = target.shape[1]
        return self.out(self.body(embed(self.source, source), embed(self.target, target), tgt_mask=torch.ones(T, T).triu(1).bool(), src_key_padding_mask=pad, memory_key_padding_mask=pad))


def rotary(x):
    """(B, H, T, D), features i and i + D/2 turned by t·10000^(−2i/D) as complex numbers (Su et al., 2021)."""
    T, D = x.shape[-2:]
    turn = torch.polar(torch.ones(T, D // 2, dtype=torch.float64), torch.arange(T, dtype=torch.float64)[:, None] / 10000 ** (torch.arange(0, D, 2, dtype=torch.float64) / D))
    y = torch.complex(x[..., :D // 2], x[..., D // 2:]) * turn
    return torch.cat([y.real, y.imag], -1)


class RotaryBert(nn.Module):
    """BertForMaskedLM by its names, with rotary positions instead of learned ones: no class of transformers has both."""

    def __init__(self, vocabulary, width, layers, heads, hidden):
        super().__init__()
        norm = lambda: nn.LayerNorm(width, eps=1e-12)
        out = lambda i: nn.ModuleDict({'dense': nn.Linear(i, width), 'LayerNorm': norm()})
        self.heads = heads
        self.bert = nn.ModuleDict({
            'embeddings': nn.ModuleDict({'word_embeddings': nn.Embedding(vocabulary, width), 'token_type_embeddings': nn.Embedding(2, width), 'LayerNorm': norm()}),
            'encoder': nn.ModuleDict({'layer': nn.ModuleList(nn.ModuleDict({
                'attention': nn.ModuleDict({'self': nn.ModuleDict({n: nn.Linear(width, width) for n in ('query', 'key', 'value')}), 'output': out(width)}),
                'intermediate': nn.ModuleDict({'dense': nn.Linear(width, hidden)}), 'output': out(hidden),
            }) for _ in range(layers))}),
        })
        self.cls = nn.Module()
        self.cls.predictions = nn.Module()
        self.cls.predictions.transform = out(width)
        self.cls.predictions.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, ids, mask, kinds):
        e = self.bert['embeddings']
        x = e['LayerNorm'](e['word_embeddings'](ids) + e['token_type_embeddings'](kinds))
        for layer in self.bert['encoder']['layer']:
            a, close = layer['attention'], lambda part, y, x: part['LayerNorm'](part['dense'](y) + x)
            q, k, v = (a['self'][n](x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for n in ('query', 'key', 'value'))
            y = nn.functional.scaled_dot_product_attention(rotary(q), rotary(k), v, attn_mask=mask[:, None, None].bool())
            x = close(a['output'], y.transpose(1, 2).flatten(2), x)
            x = close(layer['output'], nn.functional.gelu(layer['intermediate']['dense'](x)), x)
        t = self.cls.predictions.transform
        return t['LayerNorm'](nn.functional.gelu(t['dense'](x))) @ e['word_embeddings'].weight.T + self.cls.predictions.bias


def languages():
    for kind, tied in (('rnn', False), ('lstm', False), ('gru', True)):
        run('RecurrentLanguageModel', {'kind': kind, 'vocabulary': 11, 'embedding': 6, 'width': 6, 'layers': 2, 'tied': tied}, RecurrentLM(kind, 11, 6, 6, 2, tied), lambda m: m(formula.tokens('ids', (2, 5), 11)))
    run('Seq2Seq', {'sourceVocabulary': 9, 'targetVocabulary': 7, 'width': 6}, Seq2Seq(9, 7, 6), lambda m: m(formula.tokens('source', (2, 5), 9), [5, 3], formula.tokens('target', (2, 4), 7)))
    for norm_first in (False, True):
        run('Transformer', {'sourceVocabulary': 9, 'targetVocabulary': 7, 'width': 8, 'heads': 2, 'layers': 2, 'hidden': 12, 'dropout': 0, 'normFirst': norm_first, 'context': 8},
            Transformer(9, 7, 8, 2, 2, 12, norm_first).train(), lambda m: m(formula.tokens('source', (2, 5), 9), [5, 3], formula.tokens('target', (2, 4), 7)))
    config = GPT2Config(vocab_size=13, n_positions=8, n_embd=8, n_layer=2, n_head=2, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    run('GPT', {'vocabulary': 13, 'context': 8, 'width': 8, 'layers': 2, 'heads': 2}, GPT2LMHeadModel(config).eval(), lambda m: m(formula.tokens('ids', (2, 6), 13)).logits)
    config = dict(pad_token_id=None, vocab_size=13, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=8, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    options = {'vocabulary': 13, 'context': 8, 'width': 8, 'layers': 2, 'heads': 2, 'hidden': 12, 'dropout': 0}
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    kinds = formula.tokens('segments', (2, 6), 2)

    def bert(m):
        y = m(formula.tokens('ids', (2, 6), 13), attention_mask=mask, token_type_ids=kinds)
        return y.last_hidden_state, y.pooler_output
    run('Bert', options, BertModel(BertConfig(**config)).eval(), bert)
    run('BertForMaskedLM', options, BertForMaskedLM(BertConfig(**config)).eval(), lambda m: m(formula.tokens('ids', (2, 6), 13), attention_mask=mask, token_type_ids=kinds).logits)
    run('BertForClassification', {**options, 'classes': 3}, BertForSequenceClassification(BertConfig(**config, num_labels=3)).eval(), lambda m: m(formula.tokens('ids', (2, 6), 13), attention_mask=mask, token_type_ids=kinds).logits)
    run('BertForMaskedLM', {**options, 'positions': 'rotary'}, RotaryBert(13, 8, 2, 2, 12), lambda m: m(formula.tokens('ids', (2, 6), 13), mask, kinds))


pictures()
languages()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/models.json')
with open(path, 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(r, separators=(',', ':')) for r in RUNS) + '\n]\n')
print(len(RUNS), 'models,', os.path.getsize(path), 'bytes')
