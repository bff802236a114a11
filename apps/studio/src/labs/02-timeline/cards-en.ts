// The cards in English.
import { type Html, rich } from '../../core/math.ts'
import type { CardId } from './model.ts'

export interface CardText {
  readonly title: string
  readonly short: string
  readonly who: string
  readonly idea: Html
  /** What is small here, said openly. */
  readonly mini: Html
  /** What it still could not do. */
  readonly limit: string
}
export const cardsEn: Readonly<Record<CardId, CardText>> = {
  mcculloch: {
    title: 'A neuron that computes', short: 'Threshold neuron', who: 'Warren McCulloch, Walter Pitts',
    idea: rich`A sum and a threshold are enough for logic. Here two neurons add three bits: one finds the carry, the other takes it away twice and gets the sum. Every row of the table is computed, one a step.`,
    mini: rich`Not smaller than the original: this is the 1943 neuron itself.`,
    limit: 'Somebody has to choose the weights; the neuron does not learn.',
  },
  rosenblatt: {
    title: 'The perceptron learns', short: 'Perceptron', who: 'Frank Rosenblatt',
    idea: rich`A wrong answer adds the input to the weights or takes it away. One example a step: watch the line turn until it makes no more mistakes.`,
    mini: rich`Two inputs in place of the 400 photocells of the Mark I.`,
    limit: 'One neuron draws one straight line, and only its own mistake can be corrected.',
  },
  minsky: {
    title: 'What one neuron cannot do', short: 'The limits', who: 'Marvin Minsky, Seymour Papert',
    idea: rich`All 16 functions of two bits are tried in turn. For each there are either weights, or a proof that none exist: for XOR the four demands add up to “more than 0 and not more than 0”.`,
    mini: rich`The decision is exact: whole numbers, not a search that gave up.`,
    limit: 'Two of the 16 functions stay out of reach until there is a hidden layer, and nobody knew how to teach one.',
  },
  werbos: {
    title: 'Blame, passed backwards', short: 'Backpropagation', who: 'Alexander Galushkin; Paul Werbos',
    idea: rich`How much does each weight matter? Moving them one at a time takes two passes a weight. One pass forward and one back give all the slopes at once. The table counts both and compares the numbers.`,
    mini: rich`Networks of 6 to 161 weights; every slope is checked by a difference.`,
    limit: 'A method without a task to make it famous: computers were slow, and few read it.',
  },
  rumelhart: {
    title: 'Hidden layers find a code', short: 'Learned hidden layer', who: 'David Rumelhart, Geoffrey Hinton, Ronald Williams',
    idea: rich`Eight signals must pass through three neurons and come out again. Nobody tells the three what to mean. Trained by backpropagation, they invent a code of three bits: read it in the matrix.`,
    mini: rich`The encoder 8-3-8 is an example of theirs. We train by Adam, which is of 2014; they used plain descent with momentum. As in their report, a code may use a half: 7 codes of zeros and ones are no fault.`,
    limit: 'Every pixel has a weight of its own: a figure moved by one pixel is a new figure.',
  },
  lenet: {
    title: 'The same small eye everywhere', short: 'Convolution', who: 'Yann LeCun and others',
    idea: rich`A small kernel slides over the picture, and all places share its weights. With the same number of weights the convolutional network reads moved figures better than the dense one. Below: the six kernels it found.`,
    mini: rich`10 × 10 pixels, four figures, 632 weights; LeNet of 1989 read postal digits with 9760.`,
    limit: 'Deeper stacks with sigmoids did not learn: the gradient faded on its way back.',
  },
  belief: {
    title: 'Layers prepared one by one', short: 'Deep belief network', who: 'Geoffrey Hinton, Simon Osindero, Yee-Whye Teh',
    idea: rich`Each layer first learns, without labels, to restore what it sees. Then the whole is taught. The dashed curve is the same network without this preparation: three layers of sigmoids that wake up late.`,
    mini: rich`Bars on 6 × 6 pixels, three layers of 20 neurons, one step of contrastive divergence an update.`,
    limit: 'Preparation takes its time, and with ReLU and more data it turned out not to be needed.',
  },
  alexnet: {
    title: 'Deep, with ReLU, on much data', short: 'AlexNet', who: 'Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton',
    idea: rich`ReLU keeps the slope 1 where it is active, so the gradient comes through. The same four convolutions with three functions: ReLU, tanh, sigmoid. With the sigmoid hardly anything happens in this time.`,
    mini: rich`10 × 10 pixels and about 3000 weights; AlexNet had 60 million and 1.2 million photographs.`,
    limit: 'It names what it sees but makes nothing new; and still more layers made it worse.',
  },
  gan: {
    title: 'A forger and a critic', short: 'GAN', who: 'Ian Goodfellow and others',
    idea: rich`One network makes points out of noise, the other tells them from real ones; each learns from the other. The real points lie in six clusters. Count how many of them the forger has found.`,
    mini: rich`Points of the plane in place of pictures. The quarrel is the same: watch it jump from cluster to cluster.`,
    limit: 'The forger may keep to a few clusters (mode collapse), and the balance is hard to hold.',
  },
  seq2seq: {
    title: 'Read a sequence, write a sequence', short: 'seq2seq', who: 'Ilya Sutskever and others; Kyunghyun Cho and others',
    idea: rich`A recurrent network reads Roman numerals letter by letter into one vector; another writes the number from it. It is tested on twenty numerals it has never seen.`,
    mini: rich`Numerals up to 99 and gates of 40 neurons; the translator of 2014 had four layers of 1000.`,
    limit: 'The whole sequence must fit into one vector, and the letters are read one after the other.',
  },
  resnet: {
    title: 'Shortcuts for depth', short: 'ResNet', who: 'Kaiming He and others',
    idea: rich`A layer adds to what it got instead of replacing it: $h + f(h)$. Two networks of 32 layers start from the same weights. Without shortcuts nothing comes through; with them the spirals are separated.`,
    mini: rich`32 layers of 10 neurons without convolution. The first weights are small, as was usual before; better scaled ones would let the plain network learn here too.`,
    limit: 'It sees a picture of fixed size; it does not know what belongs together in a long text.',
  },
  transformer: {
    title: 'Attention is all', short: 'Transformer', who: 'Ashish Vaswani and others',
    idea: rich`The same numerals. But each digit that is written looks at all letters at once and takes what it needs. The matrix shows where it looked.`,
    mini: rich`One layer on each side, 32 numbers a letter; the first Transformer had six layers of 512.`,
    limit: 'It must be taught each task on pairs made for it, and every letter looks at every other: cost grows with the square of the length.',
  },
  bert: {
    title: 'Fill the gap from both sides', short: 'BERT', who: 'Jacob Devlin and others',
    idea: rich`One sign of a sum is covered. The network that looks both ways finds it; the same network that looks only to the left cannot know what “_ + 2 = 7” begins with.`,
    mini: rich`46 sums with one-digit numbers, learned by heart: on the nine sums kept back it mostly guesses, as the number shows. BERT read 3.3 billion words.`,
    limit: 'It fills gaps; for each new task it has to be trained further.',
  },
  gpt: {
    title: 'A task from examples in the prompt', short: 'GPT-3', who: 'Tom Brown and others',
    idea: rich`Each row hides a rule: digit to letter, shifted by an unknown number. The network only learns to continue rows. In a new row it guesses blindly at first, and after one example it knows the rule: its weights have not changed.`,
    mini: rich`Two layers, five signs; GPT-3 had 96 layers and 175 billion weights. What is alike is learning within the prompt.`,
    limit: 'It knows words only: it has never seen what they mean.',
  },
  clip: {
    title: 'Pictures and words in one space', short: 'CLIP', who: 'Alec Radford and others',
    idea: rich`A picture and its caption should be near each other, all others far. Caption: a figure and a place. Three of the sixteen pairs are never shown in training: their words are known, the pair is new.`,
    mini: rich`10 × 10 pixels and two words; CLIP learned from 400 million pairs. Chance would be 6 % here.`,
    limit: 'It recognises, but does not paint.',
  },
  diffusion: {
    title: 'From noise, step by step', short: 'Diffusion', who: 'Jonathan Ho and others; DALL·E 2, Stable Diffusion',
    idea: rich`Points are drowned in noise, and the network learns to tell the noise from the point. Backwards, from pure noise, it then makes new ones: a ring or a cross, as the word asks.`,
    mini: rich`Points of the plane and two words in place of pictures and sentences; 40 noise levels.`,
    limit: 'Each sample takes many passes; and a model taught something new forgets the old.',
  },
  continual: {
    title: 'Learning without forgetting', short: 'Rehearsal', who: 'an open question; GPT-4 and 5 join several senses',
    idea: rich`First task A on the left, then task B on the right. The network that only sees the new forgets the old within a few steps. Eight old examples, shown again and again, are enough to keep it.`,
    mini: rich`Two tasks of 60 points. Several senses in one space are in the card of 2021; the models of 2023–25 do both on a scale that no tab reaches.`,
    limit: 'What to keep, and how much, is still being worked out.',
  },
}
