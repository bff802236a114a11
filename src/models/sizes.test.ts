// The published numbers of parameters (torchvision's documentation, the papers, Hugging Face). Values are lazy: nothing is allocated.
import { expect, test } from 'vitest'
import * as m from './index.ts'

test.each([
  ['LeNet-5', () => new m.LeNet(), 61_706],
  ['AlexNet', () => new m.AlexNet(), 61_100_840],
  ['VGG-11', () => new m.VGG({ depth: 11 }), 132_863_336],
  ['VGG-16', () => new m.VGG({ depth: 16 }), 138_357_544],
  ['VGG-19', () => new m.VGG({ depth: 19 }), 143_667_240],
  ['VGG-16 with batch normalisation', () => new m.VGG({ depth: 16, batchNorm: true }), 138_365_992],
  ['ResNet-18', () => m.resnet18(), 11_689_512],
  ['ResNet-34', () => m.resnet34(), 21_797_672],
  ['ResNet-50', () => m.resnet50(), 25_557_032],
  ['ResNet-101', () => new m.ResNet({ blocks: [3, 4, 23, 3], bottleneck: true }), 44_549_160],
  ['ResNet-152', () => new m.ResNet({ blocks: [3, 8, 36, 3], bottleneck: true }), 60_192_808],
  ['ViT-B/16', () => new m.ViT(), 86_567_656],
  ['ViT-L/16', () => new m.ViT({ width: 1024, layers: 24, heads: 16 }), 304_326_632],
  ['GPT-2', () => new m.GPT(m.gptSizes.gpt2), 124_439_808],
  ['GPT-2 medium', () => new m.GPT(m.gptSizes['gpt2-medium']), 354_823_168],
  ['GPT-2 large', () => new m.GPT(m.gptSizes['gpt2-large']), 774_030_080],
  ['GPT-2 XL', () => new m.GPT(m.gptSizes['gpt2-xl']), 1_557_611_200],
  ['BERT base', () => new m.Bert(m.bertBase), 109_482_240],
  ['BERT large', () => new m.Bert({ vocabulary: 30522, width: 1024, layers: 24, heads: 16 }), 335_141_888],
] as const)('%s', (_, make, count) => {
  expect(make().parameterCount()).toBe(count)
})
test('the Transformer of the paper (base): 44.1 million in its blocks, 63 million with the shared table of 37 000', () => {
  const model = new m.Transformer({ sourceVocabulary: 37000, targetVocabulary: 37000, shared: true })
  const blocks = model.namedParameters().filter(([p]) => /^(en|de)coder\./.test(p)).reduce((n, [, t]) => n + t.size, 0)
  // PyTorch's nn.Transformer(512, 8, 6, 6, 2048) has 44 140 544, of which 2 048 are the final norms the paper has not
  expect(blocks).toBe(44_138_496)
  expect(model.parameterCount()).toBe(44_138_496 + 37000 * 512)
})
test('every tensor of the named models has a name in the other library, and each name is used as often as it has parts', () => {
  for (const [model, table] of [
    [new m.LeNet(), m.leNetNames], [new m.AlexNet(), m.alexNetNames], [new m.VGG({ depth: 19 }), m.vggNames(19)], [m.resnet50(), m.resnetNames], [new m.ViT(), m.vitNames],
    [new m.GPT(m.gptSizes.gpt2), m.gpt2Names], [new m.Bert(m.bertBase), m.bertNames], [new m.BertForMaskedLM(m.bertBase), m.bertMaskedLMNames],
  ] as const) {
    const places = Object.values(m.foreignNames(model, table))
    const parts = new Map<string, number>()
    for (const { name } of places) parts.set(name, (parts.get(name) ?? 0) + 1)
    for (const { name, part } of places) expect(parts.get(name), name).toBe(part === null ? 1 : part[1])
  }
})
