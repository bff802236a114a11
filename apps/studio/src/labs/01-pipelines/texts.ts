// The words of the lab in two languages.
import { plural } from '../../core/format.ts'
import { catalog } from '../../core/language.svelte.ts'
import { rich, tex } from '../../core/math.ts'

const formulas = { zones: tex`\frac{1}{49} \sum_{r=7i}^{7i+6} \sum_{c=7j}^{7j+6} x_{rc}`, profiles: tex`\frac{1}{56} \sum_{r=2i}^{2i+1} \sum_{c} x_{rc}`, strokes: tex`\frac{1}{49} \sum_{r,c} \lvert \nabla x_{rc} \rvert \max\Bigl(0,\, 1 - \bigl\lvert \tfrac{4}{\pi} \angle \nabla x_{rc} - d \bigr\rvert\Bigr)`, enough: tex`\min \{n : \text{share}(n) \ge 90\,\%\}`, crossing: tex`\max \{n : \text{network}(n) > \text{features}(n),\ \text{network}(n') \le \text{features}(n')\}`, ink: tex`\frac{1}{28^2} \sum_{r,c} x_{rc}`, sideways: tex`\frac{\sum_{r,c} x_{rc}\,x_{r,27-c}}{\sum_{r,c} x_{rc}^2}`, upside: tex`\frac{\sum_{r,c} x_{rc}\,x_{27-r,c}}{\sum_{r,c} x_{rc}^2}`, holes: tex`\frac{n_1 - n_3 - 2 n_{\times}}{4}`, gap: tex`100 \cdot \left( \frac{\#\{i : \hat d_i = d_i\}}{n} - \frac{\#\{j : \hat d_j = d_j\}}{1000} \right)`, features: tex`\sum_{g} \dim f_g`, parameters: { hand: tex`(\dim f + 1) \cdot 10`, network: tex`(25 + 1) \cdot 8 + (8 \cdot 9 + 1) \cdot 16 + (400 + 1) \cdot 10` }, products: { hand: tex`\dim f \cdot 10`, network: tex`24^2 \cdot 8 \cdot 25 + 10^2 \cdot 16 \cdot 8 \cdot 9 + 400 \cdot 10` }, softmax: tex`P(d) = \frac{e^{z_d}}{\sum_{k} e^{z_k}}, \qquad z_d = b_d + \sum_{j} w_{jd}\,f_j`, share: tex`\frac{\#\{i : \hat d_i = d_i\}}{n}` }

export const texts = catalog({
  en: {
    lang: 'en' as 'en' | 'ru',
    title: 'Two pipelines',
    lead: rich`Two ways to read the same handwritten digits. In the first a person thinks up features (how much ink, where, how symmetric, how many holes) and a linear model weighs them. In the second a network finds its features itself, in the pixels. Which is better depends on how many examples there are: measure it.`,
    tryFirst: [rich`Page through a few digits and read their features: does the number of holes tell 8 from 3?`, rich`Train both with 50 examples, then with 1000.`, rich`Measure the whole curve, and find the place where the network overtakes. Press there, or drag: $n$ follows.`],
    notice: [rich`With few examples knowledge put in by hand is worth more than pixels; with many it becomes a ceiling.`, rich`The crossover depends on the features: switch “directions of strokes” off, and the network leads from the start.`, rich`Each feature has a name and a weight to be read. The kernels of the network have neither.`],
    breaks: [rich`Both pipelines stumble over digits moved by two pixels: neither was told that place does not matter.`, rich`Times are measured on this very machine, while other things run: expect them to vary.`],
    formulas,
    digit: 'A test digit', before: 'Previous', after: 'Next', isA: (d: number) => `This is ${d === 8 ? 'an' : 'a'} ${d}.`, number: (i: number) => `Digit ${i} of the test set`,
    groups: { ink: 'ink', zones: 'zones', profiles: 'profiles', symmetry: 'symmetry', holes: 'holes', strokes: 'directions of strokes' },
    about: { ink: 'share of ink in the picture', zones: 'mean ink of 4 × 4 zones', profiles: 'ink of 14 bands across and 14 down', symmetry: 'likeness to the mirror image: sideways; upside down', holes: 'pieces minus holes', strokes: '4 directions in each of 4 × 4 zones' },
    features: 'Features made by hand', count: (n: number) => `${n} numbers`, last: 'The last group stays: something must describe the digit.',
    examples: 'Training examples n', train: 'Train both', again: 'Train again for this n', measure: 'Measure the curve', stop: 'Stop', seed: 'Seed', busy: 'training…', failed: 'The digits did not come:', retry: 'Try again',
    notTrained: 'Not trained for this n yet.',
    hand: 'features + logistic regression', network: 'convolutional network',
    curve: 'Right on new digits against the number of examples', curveSummary: (n: string, a: string, b: string) => `With ${n} examples: features ${a} %, network ${b} %.`, noCurve: 'Not measured yet.', head: ['n', 'features, %', 'network, %', 'features, ms', 'network, ms'] as readonly string[],
    crossing: (a: string, b: string) => `The network overtakes between n = ${a} and n = ${b}.`, noCrossing: 'On this curve neither overtakes for good.',
    compare: 'Side by side', compareHead: ['', 'features + logistic regression', 'convolutional network'] as readonly string[],
    rows: {
      accuracy: 'Right on 1000 new digits', data: 'Data needed for 90 %', engineering: 'Feature engineering', speed: 'Training here', interpretability: 'Interpretability', resources: 'Resources', generalisation: 'Generalisation', shift: 'Moved by two pixels',
    },
    needs: (n: string) => `n = ${n}`, notReached: 'not reached on the curve', measureFirst: 'measure the curve',
    madeBy: (groups: number) => `thought up by a person: ${plural(groups, 'en', { one: 'kind', other: 'kinds' })}, numbers: `, none: 'none: 784 pixels as they are', time: (s: string) => `${s} s`, named: 'each weight belongs to a named feature', unnamed: 'weights without names; kernels can be looked at',
    products: 'multiplications per digit: ', gap: (train: string) => `${train} % on the training digits, higher by `, points: ' points',
    parameters: 'Parameters: weights and biases', productsTitle: 'Multiplications for one digit', figureNames: { train: 'Right on the training digits', crossing: 'Where the order turns', moved: 'Right on moved digits', gap: 'More on the training digits', features: 'Numbers of the features' },
    howTrain: 'The training digits by plain loops, without the engine:', howCurve: 'All shares of the curve counted again by plain loops:',
    howMoved: 'The same digits, moved, by plain loops:', howGap: 'Both shares by plain loops:', howParameters: 'The numbers of the weights a training starts from:', howProducts: 'Counted while one digit goes through plain loops:',
    howFeature: 'The same digit on tensors, by the engine:', howCount: 'The same 1000 digits by plain loops, without the engine:', right: 'Right on new digits',
    ask: { crossover: 'At which n does the network overtake the features you have chosen? Any n near the crossing is right.', features: 'With at most 500 examples get the hand-made features to 90 % right.', ink: 'Predict: with nothing but the amount of ink and 500 examples, how many digits are read right?' },
    why: {
      crossover: rich`With few examples the network must find out what the features already say. Once it has, nothing holds it at the level of what a person thought of.`,
      features: rich`Directions of strokes in zones say most about a digit; they are what people used for years before networks found such kernels themselves.`,
      ink: rich`Ones need little ink and zeros much; the others lie close together. Guessing would give 10 %.`,
    },
    outside: 'n lies between 50 and 5000.', measured: (n: string, a: string, b: string) => `n = ${n}: features ${a} %, network ${b} %.`, already: 'The network is ahead well before that.', notYet: 'The features still lead well after that.', turns: 'The order turns here.',
    fewer: 'Take 500 examples or fewer.', reached: (n: string, a: string) => `With ${n} examples ${a} % are right; the goal is 90 %.`, inkMeasured: (a: string) => `Measured: ${a} %.`,
  },
  ru: {
    lang: 'ru',
    title: 'Два конвейера',
    lead: rich`Два способа прочесть одни и те же рукописные цифры. В первом человек придумывает признаки (сколько чернил, где они, насколько цифра симметрична, сколько в ней дыр), а линейная модель их взвешивает. Во втором сеть сама находит признаки в пикселях. Что лучше, зависит от числа примеров: измерьте.`,
    tryFirst: [rich`Полистайте цифры и прочтите их признаки: отличает ли число дыр 8 от 3?`, rich`Обучите обоих на 50 примерах, потом на 1000.`, rich`Измерьте всю кривую и найдите место, где сеть обгоняет. Нажмите там или ведите: за вами пойдёт $n$.`],
    notice: [rich`Пока примеров мало, знание, вложенное человеком, дороже пикселей; когда много, оно становится потолком.`, rich`Место обгона зависит от признаков: выключите «направления штрихов», и сеть впереди с самого начала.`, rich`У каждого признака есть имя и вес, который можно прочесть. У ядер сети нет ни того, ни другого.`],
    breaks: [rich`Оба конвейера спотыкаются о цифры, сдвинутые на два пикселя: никто не сказал им, что место не важно.`, rich`Время измерено на этой самой машине, где работает и другое: оно будет меняться.`],
    formulas,
    digit: 'Проверочная цифра', before: 'Предыдущая', after: 'Следующая', isA: (d: number) => `Это цифра ${d}.`, number: (i: number) => `Цифра ${i} проверочной выборки`,
    groups: { ink: 'чернила', zones: 'зоны', profiles: 'профили', symmetry: 'симметрия', holes: 'дыры', strokes: 'направления штрихов' },
    about: { ink: 'доля чернил на картинке', zones: 'среднее чернил в 4 × 4 зонах', profiles: 'чернила 14 полос поперёк и 14 вдоль', symmetry: 'сходство с отражением: влево-вправо; вверх-вниз', holes: 'куски минус дыры', strokes: '4 направления в каждой из 4 × 4 зон' },
    features: 'Признаки, придуманные человеком', count: (n: number) => `чисел: ${n}`, last: 'Последняя группа остаётся: что-то должно описывать цифру.',
    examples: 'Обучающих примеров n', train: 'Обучить обоих', again: 'Обучить для этого n', measure: 'Измерить кривую', stop: 'Остановить', seed: 'Зерно', busy: 'учится…', failed: 'Цифры не пришли:', retry: 'Ещё раз',
    notTrained: 'Для этого n ещё не обучены.',
    hand: 'признаки + логистическая регрессия', network: 'свёрточная сеть',
    curve: 'Верно на новых цифрах при разном числе примеров', curveSummary: (n: string, a: string, b: string) => `На ${n} примерах: признаки ${a} %, сеть ${b} %.`, noCurve: 'Ещё не измерено.', head: ['n', 'признаки, %', 'сеть, %', 'признаки, мс', 'сеть, мс'],
    crossing: (a: string, b: string) => `Сеть обгоняет между n = ${a} и n = ${b}.`, noCrossing: 'На этой кривой окончательного обгона нет.',
    compare: 'Рядом', compareHead: ['', 'признаки + логистическая регрессия', 'свёрточная сеть'],
    rows: {
      accuracy: 'Верно из 1000 новых цифр', data: 'Нужно данных для 90 %', engineering: 'Разработка признаков', speed: 'Обучение здесь', interpretability: 'Понятность', resources: 'Ресурсы', generalisation: 'Обобщение', shift: 'Сдвиг на два пикселя',
    },
    needs: (n: string) => `n = ${n}`, notReached: 'на кривой не достигнуто', measureFirst: 'измерьте кривую',
    madeBy: (groups: number) => `придумал человек: ${plural(groups, 'ru', { one: 'вид', few: 'вида', many: 'видов', other: 'вида' })}, чисел: `, none: 'нет: 784 пикселя как есть', time: (s: string) => `${s} с`, named: 'у каждого веса признак с именем', unnamed: 'веса без имён; ядра можно рассмотреть',
    products: 'умножений на цифру: ', gap: (train: string) => `на обучающих ${train} %, выше на `, points: ' п. п.',
    parameters: 'Параметры: веса и смещения', productsTitle: 'Умножений на одну цифру', figureNames: { train: 'Верно на обучающих', crossing: 'Где меняется порядок', moved: 'Верно на сдвинутых', gap: 'Больше на обучающих', features: 'Чисел в признаках' },
    howTrain: 'Обучающие цифры простыми циклами, без вычислителя:', howCurve: 'Все доли кривой сосчитаны заново простыми циклами:',
    howMoved: 'Те же цифры, сдвинутые, простыми циклами:', howGap: 'Обе доли простыми циклами:', howParameters: 'Сколько весов у сети перед обучением:', howProducts: 'Сосчитано, пока одна цифра идёт по простым циклам:',
    howFeature: 'Та же цифра на тензорах, вычислителем:', howCount: 'Та же тысяча цифр простыми циклами, без вычислителя:', right: 'Верно на новых цифрах',
    ask: { crossover: 'При каком n сеть обгоняет выбранные вами признаки? Верно любое n вблизи обгона.', features: 'Не больше чем на 500 примерах добейтесь от признаков 90 % верных ответов.', ink: 'Предскажите: известно только количество чернил, примеров 500. Сколько цифр прочтено верно?' },
    why: {
      crossover: rich`Пока примеров мало, сеть вынуждена открывать то, что признаки уже говорят. Когда открыла, её ничто не держит на уровне придуманного человеком.`,
      features: rich`Больше всего о цифре говорят направления штрихов по зонам: ими пользовались годами, пока сети не нашли такие ядра сами.`,
      ink: rich`На единицу чернил идёт мало, на ноль много; остальные близки друг к другу. Наугад было бы 10 %.`,
    },
    outside: 'n лежит между 50 и 5000.', measured: (n: string, a: string, b: string) => `n = ${n}: признаки ${a} %, сеть ${b} %.`, already: 'Сеть впереди задолго до этого.', notYet: 'Признаки ведут и намного позже.', turns: 'Порядок меняется здесь.',
    fewer: 'Возьмите не больше 500 примеров.', reached: (n: string, a: string) => `На ${n} примерах верно ${a} %; нужно 90 %.`, inkMeasured: (a: string) => `Измерено: ${a} %.`,
  },
})
export type Texts = (typeof texts)['en']
