// Formulas in running text: a sign that touches one stays on its line, and no sign is lost or doubled.
import { expect, test } from 'vitest'
import { setFormulas } from '../../build/formulas.mjs'

const set = (source: string): string => (JSON.parse(setFormulas(`rich\`${source}\``, 'test')!.slice('({ html: '.length, -' })'.length)) as string).replace(/<\/?m[a-z]+>/g, '')

test.each([
  ['a ($x$), b $y$. c $z$', 'a <span class="whole">(x),</span> b <span class="whole">y.</span> c z'],
  ['$x$,$y$ and $w$-th', '<span class="whole">x,</span>y and <span class="whole">w-th</span>'],
  ['**q**: *em* ($a$, $b$).', '<strong>q</strong>: <em>em</em> <span class="whole">(a,</span> <span class="whole">b).</span>'],
  ['Нейрон — прямая в плоскости, $w$ — нормаль к ней', 'Нейрон\u00a0— прямая в\u00a0плоскости, w\u00a0— нормаль к\u00a0ней'],
  ['вместо него $x$ и $y$, о $z$', 'вместо него x <span class="whole">и y,</span> <span class="whole">о z</span>'],
  ['no formula, *but* a word', 'no formula, <em>but</em> a word'],
])('%s', (source, html) => expect(set(source)).toBe(html))

test('a long formula in a text may go on in the next line, before a relation', () => {
  expect(set('so $z_1 = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 = 36$: big')).toBe('so z1<wbr>=1+2+3+4+5+6+7+8<wbr><span class="whole">=36:</span> big')
  expect(set('$\\{n = 1, \\dots\\}$ and $f_{n = 1 + 2 + 3 + 4 + 5 + 6}(x)$')).not.toContain('<wbr>')
  expect(set('$a = b + c$')).toBe('a=b+c')
})

test('a named function stands apart from what it is taken of', () => {
  const spaces = (source: string): number => setFormulas(`tex\`${source}\``, 'test')!.match(/<mspace/g)?.length ?? 0
  expect(['\\ln 2', '\\ln\\tfrac12', '\\max(0, z)', '\\ln\\left(x\\right)', 'a b'].map(spaces)).toEqual([1, 1, 0, 0, 0])
})

test('parts between the widest spaces are formulas of their own, so that they can stand one under the other', () => {
  const count = (source: string): number => setFormulas(`tex\`${source}\``, 'test')!.match(/<math/g)!.length
  expect(['a = b', 'a = b, \\qquad c = d', '\\frac{a \\qquad b}{c}', '\\begin{aligned} a &= b \\qquad c \\end{aligned}', 'a \\qquad \\left[ b \\qquad c \\right] \\qquad d'].map(count)).toEqual([1, 2, 1, 1, 3])
})
