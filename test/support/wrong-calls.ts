// Wrong calls of public functions: what they must be refused with. Async calls (reading) are awaited.
import * as g from '../../src/tensor/index.ts'

type ErrorClass = abstract new (...args: never[]) => g.GradusError
export interface WrongCall {
  readonly label: string
  readonly call: () => unknown
  readonly type: ErrorClass
  readonly operation: string
}
const { DTypeError, DeviceError, ShapeError, TransformError, ValueError } = g
const wrong = (operation: string, type: ErrorClass, label: string, call: () => unknown): WrongCall => ({ operation, type, label, call })
/** A value of a type the signature does not allow. */
const bad = (x: unknown): never => x as never

const s = g.tensor(1)
const v = g.tensor([1, 2, 3])
const w = g.tensor([1, 2, 3, 4])
const m = g.ones([2, 3])
const sq = g.ones([3, 3])
const n = g.tensor([0, 1], { dtype: 'int32' })
const t = g.tensor([true, false, true])
const empty = g.zeros([0])
const image = g.ones([1, 2, 5, 5])
const kernel = g.ones([3, 2, 3, 3])
const gone = (): g.Tensor => {
  const x = g.tensor([1, 2])
  x.dispose()
  return x
}

const creating: WrongCall[] = [
  wrong('tensor', ShapeError, 'tensor([[1, 2], [3]])', () => g.tensor([[1, 2], [3]])),
  wrong('tensor', ShapeError, 'tensor([1, [2]])', () => g.tensor(bad([1, [2]]))),
  wrong('tensor', ShapeError, 'tensor([[1], 2])', () => g.tensor(bad([[1], 2]))),
  wrong('tensor', DTypeError, 'tensor(["1"])', () => g.tensor(bad(['1']))),
  wrong('tensor', DTypeError, 'tensor(null)', () => g.tensor(bad(null))),
  wrong('tensor', DTypeError, 'tensor(undefined)', () => g.tensor(bad(undefined))),
  wrong('tensor', DTypeError, 'tensor({})', () => g.tensor(bad({}))),
  wrong('tensor', DTypeError, "dtype 'float16'", () => g.tensor([1], { dtype: bad('float16') })),
  wrong('tensor', DTypeError, 'Float16-like typed array', () => g.tensor(bad(new Int16Array(2)))),
  wrong('tensor', ShapeError, 'three numbers, shape [2, 2]', () => g.tensor([1, 2, 3], { shape: [2, 2] })),
  wrong('tensor', ShapeError, 'shape [-1]', () => g.tensor([1], { shape: [-1] })),
  wrong('full', ShapeError, 'full([2, -1])', () => g.full([2, -1], 0)),
  wrong('zeros', ShapeError, 'zeros([1.5])', () => g.zeros([1.5])),
  wrong('zeros', ShapeError, 'zeros([NaN])', () => g.zeros([Number.NaN])),
  wrong('ones', ShapeError, 'ones([1e6, 1e6])', () => g.ones([1e6, 1e6])),
  wrong('zeros', DTypeError, "zeros([2], 'float')", () => g.zeros([2], bad('float'))),
  wrong('zeros', ShapeError, 'zeros(3), no list', () => g.zeros(bad(3))),
  wrong('arange', ValueError, 'step 0', () => g.arange(0, 5, 0)),
  wrong('arange', ValueError, 'to infinity', () => g.arange(0, Infinity)),
  wrong('arange', ValueError, 'from NaN', () => g.arange(Number.NaN, 5)),
  wrong('arange', DTypeError, "dtype 'double'", () => g.arange(0, 5, 1, bad('double'))),
  wrong('linspace', ShapeError, 'count −1', () => g.linspace(0, 1, -1)),
  wrong('linspace', ShapeError, 'count 2.5', () => g.linspace(0, 1, 2.5)),
  wrong('eye', ShapeError, 'eye(-2)', () => g.eye(-2)),
]
const elementwise: WrongCall[] = [
  wrong('add', ShapeError, '[3] + [4]', () => v.add(w)),
  wrong('sub', ShapeError, '[2,3] − [2]', () => m.sub(g.ones([2]))),
  wrong('mul', ShapeError, '[2,3] · [3,2]', () => m.mul(g.ones([3, 2]))),
  wrong('div', ShapeError, '[3] / [0]', () => v.div(empty)),
  wrong('pow', ShapeError, '[3] ^ [4]', () => v.pow(w)),
  wrong('maximum', ShapeError, 'maximum of [3] and [4]', () => v.maximum(w)),
  wrong('lt', ShapeError, '[3] < [4]', () => v.lt(w)),
  wrong('gt', ShapeError, '[3] > [4]', () => v.gt(w)),
  wrong('logicalAnd', ShapeError, 'and of [3] and [4]', () => t.logicalAnd(w)),
  wrong('bitwiseAnd', DTypeError, 'float & int', () => v.bitwiseAnd(1)),
  wrong('bitwiseNot', DTypeError, '~float', () => v.bitwiseNot()),
  wrong('bitwiseXor', DTypeError, 'int ^ float', () => n.bitwiseXor(g.tensor([1, 2]))),
  wrong('shiftLeft', DTypeError, 'float << 1', () => v.shiftLeft(1)),
  wrong('shiftRight', DTypeError, 'float >> 1', () => v.shiftRight(1)),
  wrong('add', DTypeError, 'plus a string', () => v.add(bad('1'))),
  wrong('add', DTypeError, 'plus undefined', () => v.add(bad(undefined))),
  wrong('add', DTypeError, 'plus null', () => v.add(bad(null))),
  wrong('mul', DTypeError, 'times an array', () => v.mul(bad([1, 2, 3]))),
  wrong('where', DTypeError, 'a float condition', () => g.where(v, 1, 2)),
  wrong('where', ShapeError, 'shapes [3], [4], []', () => g.where(t, w, 0)),
  wrong('where', DTypeError, 'a string choice', () => g.where(t, bad('a'), 0)),
  wrong('logicalAnd', DTypeError, 'and with a number', () => t.logicalAnd(bad(1))),
  wrong('where', DTypeError, 'a plain condition', () => g.where(bad(true), v, v)),
  wrong('to', DTypeError, "to('int64')", () => v.to(bad('int64'))),
]
const shaping: WrongCall[] = [
  wrong('reshape', ShapeError, '[2,3] → [4]', () => m.reshape(4)),
  wrong('reshape', ShapeError, '[2,3] → [-1,4]', () => m.reshape(-1, 4)),
  wrong('reshape', ShapeError, '[2,3] → [-1,-1]', () => m.reshape(-1, -1)),
  wrong('reshape', ShapeError, '[2,3] → [-2,3]', () => m.reshape(-2, 3)),
  wrong('reshape', ShapeError, '[2,3] → [1.5,4]', () => m.reshape(1.5, 4)),
  wrong('flatten', ValueError, 'flatten(1, 0)', () => m.flatten(1, 0)),
  wrong('flatten', ValueError, 'flatten(5)', () => m.flatten(5)),
  wrong('squeeze', ShapeError, 'squeeze(0) of [2,3]', () => m.squeeze(0)),
  wrong('squeeze', ValueError, 'squeeze(2) of [2,3]', () => m.squeeze(2)),
  wrong('unsqueeze', ValueError, 'unsqueeze(4) of [2,3]', () => m.unsqueeze(4)),
  wrong('permute', ValueError, 'permute(0, 0)', () => m.permute(0, 0)),
  wrong('permute', ValueError, 'permute(0)', () => m.permute(0)),
  wrong('permute', ValueError, 'permute(0, 2)', () => m.permute(0, 2)),
  wrong('transpose', ValueError, 'transpose of a vector', () => v.transpose()),
  wrong('moveAxis', ValueError, 'moveAxis(0, 3)', () => m.moveAxis(0, 3)),
  wrong('expand', ShapeError, '[3] → [4]', () => v.expand(4)),
  wrong('expand', ShapeError, '[2,3] → [3]', () => m.expand(3)),
  wrong('expand', ShapeError, '[3] → [-1,-1]', () => v.expand(-1, -1)),
  wrong('flip', ValueError, 'flip(2) of [2,3]', () => m.flip(2)),
  wrong('flip', ValueError, 'flip([0, 0])', () => m.flip([0, 0])),
  wrong('pad', ShapeError, 'widths for two axes of a vector', () => v.pad([[1, 1], [1, 1]])),
  wrong('pad', ShapeError, 'one number for an axis', () => v.pad(bad([[1]]))),
  wrong('pad', ShapeError, 'half an element', () => v.pad([[0.5, 0]])),
  wrong('pad', ShapeError, 'cropping four of three', () => v.pad([[-2, -2]])),
  wrong('concat', ValueError, 'nothing', () => g.concat([])),
  wrong('concat', ShapeError, '[2,3] and [3,3] on axis 1', () => g.concat([m, sq], 1)),
  wrong('concat', ShapeError, '[2,3] and [3]', () => g.concat([m, v])),
  wrong('concat', ValueError, 'scalars', () => g.concat([s, s])),
  wrong('stack', ValueError, 'nothing', () => g.stack([])),
  wrong('stack', ShapeError, '[3] and [4]', () => g.stack([v, w])),
  wrong('stack', ValueError, 'axis 3', () => g.stack([m, m], 3)),
  wrong('split', ValueError, 'pieces of 0', () => v.split(0)),
  wrong('split', ShapeError, 'sizes [1, 1] of 3', () => v.split([1, 1])),
  wrong('split', ShapeError, 'sizes [4, -1] of 3', () => v.split([4, -1])),
  wrong('tile', ShapeError, 'tile(-1)', () => v.tile(-1)),
  wrong('roll', ValueError, 'axis 1 of a vector', () => v.roll(1, 1)),
  wrong('roll', ValueError, 'by 1.5', () => v.roll(1.5)),
  wrong('tril', ShapeError, 'of a vector', () => v.tril()),
  wrong('triu', ShapeError, 'of a scalar', () => s.triu()),
  wrong('at', ValueError, 'index 3 of 3', () => v.at(3)),
  wrong('at', ValueError, 'index −4 of 3', () => v.at(-4)),
  wrong('at', ValueError, 'index 0 of an empty axis', () => empty.at(0)),
  wrong('at', ValueError, 'index 0.5', () => v.at(0.5)),
  wrong('at', ShapeError, 'two indices of a vector', () => v.at(0, 0)),
  wrong('at', ShapeError, "two '...'", () => m.at('...', '...')),
  wrong('at', ValueError, 'step 0', () => v.at([null, null, 0])),
  wrong('at', ValueError, 'from 0.5', () => v.at([0.5, null])),
  wrong('at', ValueError, 'two index tensors', () => m.at(n, n)),
  wrong('at', DTypeError, 'a float index tensor', () => v.at(v)),
  wrong('at', ValueError, "the word 'all'", () => v.at(bad('all'))),
]
const reducing: WrongCall[] = [
  wrong('sum', ValueError, 'axis 2 of [2,3]', () => m.sum(2)),
  wrong('sum', ValueError, 'axis 0.5', () => m.sum(0.5)),
  wrong('sum', ValueError, 'axes [0, 0]', () => m.sum([0, 0])),
  wrong('sum', ValueError, 'axes [0, -2]', () => m.sum([0, -2])),
  wrong('sum', ValueError, 'axis 0 of a scalar', () => s.sum(0)),
  wrong('mean', ValueError, 'axis −3 of [2,3]', () => m.mean(-3)),
  wrong('var', ValueError, 'axis 9', () => m.var(9)),
  wrong('max', ShapeError, 'of nothing', () => empty.max()),
  wrong('min', ShapeError, 'over an empty axis', () => g.zeros([2, 0]).min(1)),
  wrong('argmax', ShapeError, 'of nothing', () => empty.argmax(0)),
  wrong('argmin', ValueError, 'axis 1 of a vector', () => v.argmin(1)),
  wrong('logsumexp', ValueError, 'axis 5', () => m.logsumexp(5)),
  wrong('softmax', ValueError, 'of a scalar', () => s.softmax()),
  wrong('logSoftmax', ValueError, 'axis 2 of [2,3]', () => m.logSoftmax(2)),
  wrong('cumsum', ValueError, 'of a scalar', () => s.cumsum(0)),
  wrong('sort', ValueError, 'axis 1 of a vector', () => v.sort(1)),
  wrong('sort', ValueError, 'argsort of a scalar', () => s.argsort()),
  wrong('topk', ValueError, 'four of three', () => v.topk(4)),
  wrong('topk', ValueError, 'minus one', () => v.topk(-1)),
  wrong('topk', ValueError, 'one and a half', () => v.topk(1.5)),
]
const indexing: WrongCall[] = [
  wrong('take', DTypeError, 'float indices', () => v.take(v)),
  wrong('take', ValueError, 'axis 1 of a vector', () => v.take(n, 1)),
  wrong('take', ShapeError, 'from an empty axis', () => empty.take(n)),
  wrong('gather', ShapeError, 'an index of another rank', () => m.gather(n, 0)),
  wrong('gather', DTypeError, 'bool indices', () => v.gather(t, 0)),
  wrong('scatter', ShapeError, 'update [2], index [3]', () => v.scatter(g.tensor([0, 1, 2], { dtype: 'int32' }), g.ones([2]), 0)),
  wrong('scatterAdd', ShapeError, 'index of another rank', () => m.scatterAdd(n, g.ones([2]), 0)),
  wrong('scatterAdd', DTypeError, 'float indices', () => v.scatterAdd(v, v, 0)),
  wrong('oneHot', DTypeError, 'float indices', () => g.oneHot(v, 3)),
  wrong('oneHot', ValueError, '−1 classes', () => g.oneHot(n, -1)),
  wrong('oneHot', DTypeError, "dtype 'real'", () => g.oneHot(n, 3, bad('real'))),
  wrong('take', DTypeError, 'embedding with float indices', () => g.embedding(m, v)),
]
const products: WrongCall[] = [
  wrong('matmul', ShapeError, '[2,3] × [2,3]', () => m.matmul(m)),
  wrong('matmul', ShapeError, 'a scalar', () => s.matmul(m)),
  wrong('matmul', ShapeError, '[3] × [4]', () => v.matmul(w)),
  wrong('matmul', ShapeError, 'batches of 2 and 3', () => g.ones([2, 2, 2]).matmul(g.ones([3, 2, 2]))),
  wrong('matmul', DTypeError, 'an array', () => m.matmul(bad([1, 2, 3]))),
  wrong('matmul', DTypeError, 'nothing', () => g.matmul(m, bad(undefined))),
  wrong('conv2d', DTypeError, 'no weight', () => g.conv2d(image, bad(undefined))),
  wrong('concat', DTypeError, 'numbers', () => g.concat(bad([1, 2]))),
  wrong('einsum', ValueError, 'one operand for two terms', () => g.einsum('ij,jk->ik', m)),
  wrong('einsum', ValueError, "'i-j'", () => g.einsum('i-j', v)),
  wrong('einsum', ShapeError, "'ij' of a vector", () => g.einsum('ij->i', v)),
  wrong('einsum', ShapeError, 'sizes 3 and 4 of one letter', () => g.einsum('i,i->', v, w)),
  wrong('einsum', ValueError, 'a result letter nobody has', () => g.einsum('i->j', v)),
  wrong('einsum', ValueError, 'a result letter twice', () => g.einsum('i->ii', v)),
  wrong('conv2d', ShapeError, 'a matrix as input', () => g.conv2d(m, kernel)),
  wrong('conv2d', ShapeError, 'two channels, kernel of three', () => g.conv2d(image, g.ones([1, 3, 3, 3]))),
  wrong('conv2d', ShapeError, 'three groups of two channels', () => g.conv2d(image, kernel, { groups: 3 })),
  wrong('conv2d', ValueError, 'groups 0', () => g.conv2d(image, kernel, { groups: 0 })),
  wrong('conv2d', ValueError, 'stride 0', () => g.conv2d(image, kernel, { stride: 0 })),
  wrong('conv2d', ValueError, 'three strides', () => g.conv2d(image, kernel, { stride: [1, 1, 1] })),
  wrong('conv2d', ValueError, 'dilation 1.5', () => g.conv2d(image, kernel, { dilation: 1.5 })),
  wrong('conv2d', ValueError, 'padding −1', () => g.conv2d(image, kernel, { padding: -1 })),
  wrong('conv2d', ValueError, "padding 'same', stride 2", () => g.conv2d(image, kernel, { padding: 'same', stride: 2 })),
  wrong('conv2d', ValueError, "padding 'full'", () => g.conv2d(image, kernel, { padding: bad('full') })),
  wrong('conv2d', ShapeError, 'a kernel of 7 in an image of 5', () => g.conv2d(image, g.ones([1, 2, 7, 7]))),
  wrong('conv1d', ShapeError, 'an image', () => g.conv1d(image, kernel)),
  wrong('conv3d', ShapeError, 'an image', () => g.conv3d(image, kernel)),
  wrong('convTranspose2d', ShapeError, 'weight of three channels', () => g.convTranspose2d(image, kernel)),
  wrong('convTranspose2d', ValueError, 'padding −1', () => g.convTranspose2d(image, g.ones([2, 3, 3, 3]), { padding: -1 })),
  wrong('convTranspose2d', ValueError, 'output padding not below the stride', () => g.convTranspose2d(image, g.ones([2, 3, 3, 3]), { stride: 2, outputPadding: 2 })),
  wrong('convTranspose2d', ValueError, 'groups 0', () => g.convTranspose2d(image, g.ones([2, 3, 3, 3]), { groups: 0 })),
  wrong('convTranspose1d', ShapeError, 'padding that leaves nothing', () => g.convTranspose1d(g.ones([1, 1, 2]), g.ones([1, 1, 1]), { padding: 3 })),
  wrong('maxPool2d', ShapeError, 'a window of 6 in an image of 5', () => g.maxPool2d(image, 6)),
  wrong('maxPool2d', ValueError, 'a window of 0', () => g.maxPool2d(image, 0)),
  wrong('maxPool2d', ValueError, 'padding over half the window', () => g.maxPool2d(image, 2, { padding: 2 })),
  wrong('maxPool2d', ShapeError, 'a vector', () => g.maxPool2d(v, 2)),
  wrong('avgPool1d', ValueError, 'stride −1', () => g.avgPool1d(g.ones([1, 1, 4]), 2, { stride: -1 })),
]
const identity = (x: g.Tensor): g.Tensor => x
const transforming: WrongCall[] = [
  wrong('grad', ShapeError, 'a vector as loss', () => g.grad(identity)(v)),
  wrong('grad', DTypeError, 'an integer loss', () => g.grad((x: g.Tensor) => x.sum().to('int32'))(v)),
  wrong('grad', TransformError, 'no tensor as loss', () => g.grad(bad(() => 3))(v)),
  wrong('grad', ValueError, 'argument 2 of one', () => g.grad((x: g.Tensor) => x.sum(), { argnums: 2 })(v)),
  wrong('grad', TransformError, 'an async function', () => g.grad(bad(async (x: g.Tensor) => x.sum()))(v)),
  wrong('vjp', ShapeError, 'a cotangent of another shape', () => g.vjp((x: g.Tensor) => x.mul(2), v)[1](w)),
  wrong('vjp', ValueError, 'a cotangent of another form', () => g.vjp((x: g.Tensor) => [x, x], v)[1]([v])),
  wrong('jvp', ShapeError, 'a tangent of another shape', () => g.jvp(identity, [v], [w])),
  wrong('jvp', ShapeError, 'a tangent of another type', () => g.jvp(identity, [v], [v.to('float64')])),
  wrong('vmap', TransformError, 'an async function', () => g.vmap(async (x: g.Tensor) => x)(v)),
  wrong('jit', TransformError, 'an async function', () => g.jit(async (x: g.Tensor) => x)(v)),
  wrong('vjp', TransformError, 'an async function', () => g.vjp(async (x: g.Tensor) => x, v)),
  wrong('vmap', ValueError, 'two axes for one argument', () => g.vmap(identity, [0, 0])(v)),
  wrong('vmap', ValueError, 'nothing batched', () => g.vmap(identity, [null])(v)),
  wrong('vmap', ShapeError, 'batches of 3 and 4', () => g.vmap((x: g.Tensor, y: g.Tensor) => x.add(y))(v, w)),
  wrong('vmap', ValueError, 'axis 1 of a vector', () => g.vmap(identity, 1)(v)),
  wrong('vmap', ValueError, 'axis 0 of a scalar', () => g.vmap(identity)(s)),
  wrong('vmap', ValueError, 'outAxes 3', () => g.vmap(identity, 0, { outAxes: 3 })(v)),
  wrong('read', TransformError, 'reading inside jit', () => new Promise((_, no) => g.jit((x: g.Tensor) => { x.data().catch(no); return x })(v))),
  wrong('read', TransformError, 'reading inside vmap', () => g.vmap((x: g.Tensor) => x.realize())(v)),
  wrong('jit', ValueError, 'a donated tensor passed twice', () => g.jit((x: g.Tensor, y: g.Tensor) => x.add(y), { donate: [0] })(v, v)),
  wrong('scan', ValueError, 'no length', () => g.scan((c: g.Tensor) => [c, c], v, [])),
  wrong('scan', ShapeError, 'xs of 3 and 4', () => g.scan((c: g.Tensor, [x]: g.Tensor[]) => [c.add(x!), c], s, [v, w])),
  wrong('scan', TransformError, 'a body without y', () => g.scan(bad((c: g.Tensor) => c), s, v)),
  wrong('scan', ShapeError, 'a carry that grows', () => g.scan((c: g.Tensor) => [g.concat([c, c]), c], v, v)),
  wrong('scan', ValueError, 'length −1', () => g.scan((c: g.Tensor) => [c, c], v, [], { length: -1 })),
  wrong('cond', ShapeError, 'a float condition', () => g.cond(s, identity, identity, v)),
  wrong('cond', ShapeError, 'three conditions', () => g.cond(t, identity, identity, v)),
  wrong('cond', ShapeError, 'branches of different shapes', () => g.cond(g.tensor(true), (x: g.Tensor) => x, (x: g.Tensor) => x.sum(), v)),
  wrong('customVjp', TransformError, 'two gradients for one input', () => g.grad((x: g.Tensor) => g.customVjp((y) => y!.sum(), (c) => [c, c])(x))(v)),
  wrong('customVjp', ShapeError, 'a gradient of another shape', () => g.grad((x: g.Tensor) => g.customVjp((y) => y!.sum(), (c) => [c])(x))(v)),
  wrong('forward', TransformError, 'forward mode of a custom rule', () => g.jvp(g.customVjp(function forward(x) { return x!.sin() }, (c) => [c]), [v], [v])),
  wrong('treeMap', ValueError, 'trees of two forms', () => g.treeMap((x, y) => x.add(y!), { a: v } as Record<string, g.Tensor>, { b: v })),
  wrong('tree', ValueError, 'a tree that contains itself', () => {
    const tree: Record<string, unknown> = { v }
    tree.self = tree
    return g.treeLeaves(tree)
  }),
]
const random: WrongCall[] = [
  wrong('manualSeed', ValueError, 'seed 0.5', () => g.manualSeed(0.5)),
  wrong('key', ValueError, 'key(NaN)', () => g.key(Number.NaN)),
  wrong('split', DTypeError, 'a float key', () => g.split(v)),
  wrong('uniform', ValueError, 'from 1 to 0', () => g.uniform([2], { low: 1, high: 0 })),
  wrong('uniform', ShapeError, 'shape [-1]', () => g.uniform([-1])),
  wrong('uniform', ShapeError, 'a key of three words', () => g.uniform([2], { key: g.tensor([1, 2, 3], { dtype: 'int32' }) })),
  wrong('uniform', ValueError, "dtype 'int32'", () => g.uniform([2], { dtype: bad('int32') })),
  wrong('normal', ValueError, "dtype 'uint8'", () => g.normal([2], { dtype: bad('uint8') })),
  wrong('truncatedNormal', ValueError, "dtype 'float16'", () => g.truncatedNormal([2], { dtype: bad('float16') })),
  wrong('bernoulli', ValueError, "dtype 'int32'", () => g.bernoulli(0.5, [2], { dtype: bad('int32') })),
  wrong('categorical', ValueError, "dtype 'int32'", () => g.categorical(v, { dtype: bad('int32') })),
  wrong('randint', ValueError, "dtype 'float32'", () => g.randint(0, 3, [2], { dtype: bad('float32') })),
  wrong('permutation', ValueError, "dtype 'uint8'", () => g.permutation(3, { dtype: bad('uint8') })),
  wrong('normal', ValueError, 'std −1', () => g.normal([2], { std: -1 })),
  wrong('normal', ValueError, 'mean NaN', () => g.normal([2], { mean: Number.NaN })),
  wrong('uniform', ValueError, 'up to infinity', () => g.uniform([2], { high: Infinity })),
  wrong('truncatedNormal', ValueError, 'from 2 to −2', () => g.truncatedNormal([2], { low: 2, high: -2 })),
  wrong('bernoulli', ValueError, 'p = 1.5', () => g.bernoulli(1.5, [2])),
  wrong('bernoulli', ValueError, 'p = NaN', () => g.bernoulli(Number.NaN, [2])),
  wrong('randint', ValueError, 'from 3 to 3', () => g.randint(3, 3, [2])),
  wrong('randint', ValueError, 'from 0.5', () => g.randint(0.5, 3, [2])),
  wrong('categorical', ShapeError, 'a scalar', () => g.categorical(s)),
  wrong('permutation', ShapeError, 'of −1', () => g.permutation(-1)),
]
const reading: WrongCall[] = [
  wrong('item', ShapeError, 'of three', () => v.item()),
  wrong('item', ShapeError, 'of nothing', () => empty.item()),
  wrong('read', DeviceError, 'a disposed tensor', () => gone().data()),
  wrong('read', DeviceError, 'a sum of a disposed tensor', () => gone().sum().data()),
  wrong('read', DeviceError, 'a donated tensor', () => {
    const x = g.tensor([1, 2])
    g.jit((y: g.Tensor) => y.add(1), { donate: [0] })(x)
    return x.data()
  }),
  wrong('setDevice', DeviceError, "'cuda'", () => g.setDevice(bad('cuda'))),
  wrong('setDevice', DeviceError, '0 threads', () => g.setDevice('wasm', { threads: 0 })),
  wrong('setDevice', DeviceError, '1.5 threads', () => g.setDevice('wasm', { threads: 1.5 })),
]
export const WRONG_CALLS: readonly WrongCall[] = [...creating, ...elementwise, ...shaping, ...reducing, ...indexing, ...products, ...transforming, ...random, ...reading]
