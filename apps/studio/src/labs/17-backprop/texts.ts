// The words of the lab in two languages.
import { formatNumber, plural } from '../../core/format.ts'
import { type Lang, catalog } from '../../core/language.svelte.ts'
import { rich, tex } from '../../core/math.ts'
import { type Factor, type Factors, type Fault, titleOf } from './model.ts'

/** The factors of a cell with their values: (a − y) · σ′ = −0.35 · 0.23. */
function multiplied(of: Factors, lang: Lang): string {
  const signs: Readonly<Record<Factor, string>> = { error: '(a − y)', slope: 'σ′', weight: 'v', delta: 'δ', signal: lang === 'en' ? 'signal' : 'сигнал' }
  const names = (Object.keys(of) as Factor[]).map((factor) => signs[factor])
  const values = Object.values(of).map((value, i) => (i > 0 && value < 0 ? `(${formatNumber(value, lang, 4)})` : formatNumber(value, lang, 4)))
  return `${names.join('\u00a0· ')} = ${values.join('\u00a0· ')}`
}

/** From the second step on the formulas are the same in both languages. */
const steps = [
  tex`\begin{aligned} z_k &= \sum_j w_{jk} x_j + b_k, \quad h_k = \sigma(z_k) \\ z &= \sum_k v_k h_k + c \\ a &= \sigma(z) = \v{a}, \quad C = \v{cost} \end{aligned}`,
  tex`\begin{aligned} \delta &= \frac{\partial C}{\partial z} = (a - y)\, \sigma'(z) \\ &= (\v{a} - \p{y}) \cdot \v{slope} = \v{d} \end{aligned}`,
  tex`\begin{aligned} \delta_k &= v_k\, \delta\, \sigma'(z_k) \\ \delta_1 &= \v{v1} \cdot \p{d} \cdot \v{s1} = \v{d1} \\ \delta_2 &= \v{v2} \cdot \p{d} \cdot \v{s2} = \v{d2} \end{aligned}`,
  tex`\begin{aligned} \frac{\partial C}{\partial w_{jk}} &= a_j \delta_k, \quad \frac{\partial C}{\partial b_k} = \delta_k \\ w &\leftarrow w - \eta\, \frac{\partial C}{\partial w}, \quad \eta = \v{eta} \end{aligned}`,
] as const

export const texts = catalog({
  en: {
    lang: 'en' as 'en' | 'ru',
    title: 'Backpropagation in five steps',
    lead: rich`How much is each weight to blame for the error? Moving every weight in turn would answer that, slowly. Backpropagation answers it for all of them in one pass back: give every neuron a number $\delta$, the slope of the cost by its potential, and compute each layer's $\delta$ from the next one's.`,
    tryFirst: [
      rich`Go through the five steps with “Forward” and watch which numbers become known.`,
      rich`Compare each $\delta$ with the finite difference beside it: that one moved the potential and measured.`,
      rich`Press “Update the weights” a few times: the cost goes down, and undo brings the old weights back.`,
      rich`Your turn: cover the numbers and fill the cells yourself. Of a wrong number you are told what is wrong with it.`,
    ],
    notice: [
      rich`The error flows along the same weights as the signal, only backwards: $\delta_k = v_k \delta\, \sigma'(z_k)$.`,
      rich`The gradient of a weight is the signal that went in times the $\delta$ that came back: $a_j \delta_k$.`,
      rich`All gradients together cost about as much as two passes forward, however many weights there are.`,
    ],
    breaks: [
      rich`If a neuron is saturated, $\sigma'(z)$ is near 0 and nothing gets past it: its $\delta$ and everything before it vanish.`,
      rich`With step functions $\sigma' = 0$ everywhere, and all five steps give zeros.`,
    ],
    steps: [tex`\begin{aligned} x &= (\v{x1},\ \v{x2}), \quad y = \v{y} \\ C &= \tfrac12 \lVert a^{(L)} - y \rVert^2 \end{aligned}`, ...steps] as readonly (typeof steps)[number][],
    stepNames: ['the example and the cost', 'signals forward', 'δ of the output', 'δ of the hidden layer', 'gradients and update'] as readonly string[],
    diagram: 'The network',
    nodes: { x: (i: number) => `Input ${i}`, h: (i: number) => `Hidden neuron ${i}`, a: 'Output' },
    deltas: 'Influence δ',
    neuron: 'neuron',
    hidden: (i: number) => `hidden ${i}`,
    output: 'output',
    difference: 'difference',
    notYet: 'in step',
    gradients: 'Gradients',
    weight: 'weight',
    value: 'value',
    gradient: '∂C/∂w',
    automatic: 'automatic',
    update: 'Update the weights',
    ten: 'Update 10 times',
    updates: (n: number) => plural(n, 'en', { one: 'update made', other: 'updates made' }),
    cost: 'Cost C',
    x: (i: number) => `Input x${i}`,
    y: 'Target y',
    eta: 'Learning rate η',
    field: (name: string) => `Weight ${name}`,
    editWeights: 'Change the weights',
    howCost: 'The cost in plain arithmetic:',
    howDelta: 'The potential moved by ±10⁻⁵, the cost measured:',
    howGradient: 'The weight moved by ±10⁻⁵, the cost measured:',
    saturated: 'A neuron is saturated: its slope is below 0.01, and little gets through.',
    calm: 'Shrink the weights until |z| ≤ 2',
    mode: 'Numbers',
    open: 'shown',
    cover: 'covered',
    typed: (name: string) => `${name}, typed by you`,
    coverHelp: 'Your turn: type a number into a cell and press Enter. What it is made of stands in the line of its step, in the picture, and in the cells already filled.',
    done: (n: number, all: number) => `Cells filled: ${n} of ${all}.`,
    fits: (name: string) => `${name}: right.`,
    unread: 'This is not a number.',
    fault: (name: string, typed: string, fault: Fault, of: Factors): string => {
      const without: Readonly<Record<Factor, string>> = { error: 'the error a − y is missing', slope: 'the slope σ′ is missing', weight: 'the weight on the way back is missing', delta: 'the δ that comes back is missing', signal: 'the signal that went in is missing' }
      const cause = fault.kind === 'sign' ? 'the sign is the other one' : fault.kind === 'rate' ? 'this is the step η · ∂C/∂w, not the slope' : fault.kind === 'without' ? without[fault.factor] : fault.kind === 'other' ? `this is ${titleOf(fault.cell)}` : 'multiply once more'
      return `${name} = ${typed}? No: ${cause}. ${multiplied(of, 'en')}.`
    },
    coverFirst: 'Cover the numbers first.',
    fillMissing: (name: string) => `${name} is not filled in yet.`,
    fillRight: (all: string) => `All three are yours: ${all}.`,
    and: ', ',
    ask: {
      output: 'Compute δ of the output for the state on the screen (to within 0.001).',
      hidden: 'And δ₁ of the first hidden neuron?',
      fill: 'Cover the numbers and fill all three δ of the table yourself.',
      silent: 'Predict: x₁ becomes 0. What are the gradients of the weights that lead from x₁?',
      train: 'Train this example by updates until C is below 0.001.',
    },
    why: {
      output: rich`$\delta = (a - y)\,\sigma'(z)$, and $\sigma'(z) = a(1 - a)$.`,
      hidden: rich`$\delta_1 = v_1 \cdot \delta \cdot h_1 (1 - h_1)$: the blame comes back along the weight $v_1$.`,
      fill: rich`From the output backwards: $\delta$ first, then $\delta_k = v_k \delta\, \sigma'(z_k)$ for each hidden neuron, from signals that are known already.`,
      silent: rich`$\partial C / \partial w_{1k} = x_1 \delta_k = 0$: a silent input teaches its weights nothing.`,
      train: rich`Every update moves against the gradient; a larger $\eta$ gets there in fewer of them, until it overshoots.`,
    },
    silentOptions: ['larger', 'zero', 'the same'] as readonly string[],
    right: (v: string) => `Right: ${v}.`,
    outputHint: (a: string, y: string, s: string) => `Here a = ${a}, y = ${y} and σ′(z) = ${s}. Multiply (a − y) by σ′.`,
    hiddenHint: (v: string, d: string, s: string) => `Here v₁ = ${v}, δ = ${d} and σ′(z₁) = ${s}. Multiply the three.`,
    silentRight: 'Right: both are exactly 0.',
    silentWrong: (g: string) => `With x₁ = 0 the gradient is ${g}.`,
    noUpdates: 'Make at least one update.',
    trained: (n: number, c: string) => `After ${plural(n, 'en', { one: 'update', other: 'updates' })} C = ${c}.`,
    notTrained: (c: string) => `C is still ${c}.`,
  },
  ru: {
    lang: 'ru',
    title: 'Обратное распространение в пять шагов',
    lead: rich`Насколько каждый вес виноват в ошибке? Можно пошевелить все веса по очереди, но это долго. Обратное распространение отвечает сразу за все за один проход назад: каждому нейрону дают число $\delta$ — наклон стоимости по его потенциалу — и вычисляют $\delta$ слоя через $\delta$ следующего.`,
    tryFirst: [
      rich`Пройдите пять шагов кнопкой «Вперёд» и следите, какие числа становятся известны.`,
      rich`Сравните каждую $\delta$ с конечной разностью рядом: та просто пошевелила потенциал и измерила.`,
      rich`Нажмите «Обновить веса» несколько раз: стоимость падает, а отмена возвращает прежние веса.`,
      rich`Ваш ход: закройте числа и заполните клетки сами. Про неверное число будет сказано, чем оно неверно.`,
    ],
    notice: [
      rich`Ошибка идёт по тем же весам, что и сигнал, только назад: $\delta_k = v_k \delta\, \sigma'(z_k)$.`,
      rich`Градиент веса — это сигнал, который вошёл, умноженный на $\delta$, которая вернулась: $a_j \delta_k$.`,
      rich`Все градиенты вместе стоят примерно как два прохода вперёд, сколько бы ни было весов.`,
    ],
    breaks: [
      rich`Если нейрон насыщен, $\sigma'(z)$ около 0 и сквозь него ничего не проходит: гаснут его $\delta$ и всё, что перед ним.`,
      rich`Со ступеньками $\sigma' = 0$ всюду, и все пять шагов дают нули.`,
    ],
    steps: [tex`\begin{aligned} x &= (\v{x1};\ \v{x2}), \quad y = \v{y} \\ C &= \tfrac12 \lVert a^{(L)} - y \rVert^2 \end{aligned}`, ...steps] as readonly (typeof steps)[number][],
    stepNames: ['пример и стоимость', 'сигналы вперёд', 'δ выхода', 'δ скрытого слоя', 'градиенты и обновление'] as readonly string[],
    diagram: 'Сеть',
    nodes: { x: (i: number) => `Вход ${i}`, h: (i: number) => `Скрытый нейрон ${i}`, a: 'Выход' },
    deltas: 'Мера влияния δ',
    neuron: 'нейрон',
    hidden: (i: number) => `скрытый ${i}`,
    output: 'выход',
    difference: 'разность',
    notYet: 'на шаге',
    gradients: 'Градиенты',
    weight: 'вес',
    value: 'значение',
    gradient: '∂C/∂w',
    automatic: 'автоматически',
    update: 'Обновить веса',
    ten: 'Обновить 10 раз',
    updates: (n: number) => plural(n, 'ru', { one: 'обновление сделано', few: 'обновления сделано', many: 'обновлений сделано', other: 'обновления сделано' }),
    cost: 'Стоимость C',
    x: (i: number) => `Вход x${i}`,
    y: 'Цель y',
    eta: 'Скорость обучения η',
    field: (name: string) => `Вес ${name}`,
    editWeights: 'Изменить веса',
    howCost: 'Стоимость обычной арифметикой:',
    howDelta: 'Потенциал сдвинут на ±10⁻⁵, стоимость измерена:',
    howGradient: 'Вес сдвинут на ±10⁻⁵, стоимость измерена:',
    saturated: 'Нейрон насыщен: его наклон меньше 0,01, и сквозь него почти ничего не проходит.',
    calm: 'Уменьшить веса, чтобы |z| ≤ 2',
    mode: 'Числа',
    open: 'показаны',
    cover: 'закрыты',
    typed: (name: string) => `${name}, введено вами`,
    coverHelp: 'Ваш ход: впишите число в клетку и нажмите Enter. Из чего оно складывается, видно в строке его шага, на рисунке и в уже заполненных клетках.',
    done: (n: number, all: number) => `Заполнено клеток: ${n} из ${all}.`,
    fits: (name: string) => `${name}: верно.`,
    unread: 'Это не число.',
    fault: (name: string, typed: string, fault: Fault, of: Factors): string => {
      const without: Readonly<Record<Factor, string>> = { error: 'забыта ошибка a − y', slope: 'забыт наклон σ′', weight: 'забыт вес на обратном пути', delta: 'забыта δ, которая возвращается', signal: 'забыт сигнал, который вошёл' }
      const cause = fault.kind === 'sign' ? 'знак должен быть другой' : fault.kind === 'rate' ? 'это шаг η · ∂C/∂w, а не наклон' : fault.kind === 'without' ? without[fault.factor] : fault.kind === 'other' ? `это ${titleOf(fault.cell)}` : 'перемножьте ещё раз'
      return `${name} = ${typed}? Нет: ${cause}. ${multiplied(of, 'ru')}.`
    },
    coverFirst: 'Сначала закройте числа.',
    fillMissing: (name: string) => `${name} ещё не вписана.`,
    fillRight: (all: string) => `Все три найдены вами: ${all}.`,
    and: '; ',
    ask: {
      output: 'Вычислите δ выхода для состояния на экране (с точностью 0,001).',
      hidden: 'А δ₁ первого скрытого нейрона?',
      fill: 'Закройте числа и сами заполните все три δ таблицы.',
      silent: 'Предскажите: x₁ стал равен 0. Каковы градиенты весов, ведущих от x₁?',
      train: 'Обновлениями доведите этот пример до C меньше 0,001.',
    },
    why: {
      output: rich`$\delta = (a - y)\,\sigma'(z)$, а $\sigma'(z) = a(1 - a)$.`,
      hidden: rich`$\delta_1 = v_1 \cdot \delta \cdot h_1 (1 - h_1)$: вина возвращается по весу $v_1$.`,
      fill: rich`От выхода назад: сначала $\delta$, затем для каждого скрытого нейрона $\delta_k = v_k \delta\, \sigma'(z_k)$ — из сигналов, которые уже известны.`,
      silent: rich`$\partial C / \partial w_{1k} = x_1 \delta_k = 0$: молчащий вход ничему не учит свои веса.`,
      train: rich`Каждое обновление идёт против градиента; с большей $\eta$ их нужно меньше, пока она не станет перелетать.`,
    },
    silentOptions: ['больше', 'ноль', 'такие же'] as readonly string[],
    right: (v: string) => `Верно: ${v}.`,
    outputHint: (a: string, y: string, s: string) => `Здесь a = ${a}, y = ${y} и σ′(z) = ${s}. Умножьте (a − y) на σ′.`,
    hiddenHint: (v: string, d: string, s: string) => `Здесь v₁ = ${v}, δ = ${d} и σ′(z₁) = ${s}. Перемножьте эти три числа.`,
    silentRight: 'Верно: оба в точности равны 0.',
    silentWrong: (g: string) => `При x₁ = 0 градиент равен ${g}.`,
    noUpdates: 'Сделайте хотя бы одно обновление.',
    trained: (n: number, c: string) => `Сделано обновлений: ${n}. Теперь C = ${c}.`,
    notTrained: (c: string) => `C всё ещё ${c}.`,
  },
})
export type Texts = (typeof texts)['en']
