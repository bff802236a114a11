// The words of the lab in two languages; the cards have files of their own.
import { plural } from '../../core/format.ts'
import { catalog } from '../../core/language.svelte.ts'
import { rich } from '../../core/math.ts'
import { cardsEn } from './cards-en.ts'
import { cardsRu } from './cards-ru.ts'

export const texts = catalog({
  en: {
    lang: 'en' as 'en' | 'ru',
    title: 'Timeline 1943–2025',
    lead: rich`Each card of the lecture's timeline holds the idea of its year as a small model. Run it: it is trained here and now, from its seed. Read what it could not do yet: the next card lifts that limit.`,
    tryFirst: [rich`Open 1986 and run it: a code of three bits comes about that nobody wrote.`, rich`Compare 2014 (seq2seq) and 2017 on the same numerals; look at the attention.`, rich`Run 2023–25 without rehearsal, then with it.`],
    notice: [rich`Every card answers the limit of an earlier one. Good ideas waited: for a method, for data, for machines.`, rich`The same seed gives the same curves; another seed shows how much is luck.`, rich`The models are miniatures; each card says what is smaller than it was.`],
    breaks: [rich`The GAN may lose clusters: try several seeds.`, rich`A small model that has learned everything by heart fails on what it has not seen: compare “learned” and “new”.`],
    timeline: 'Cards by year',
    cards: cardsEn,
    idea: 'The idea', limit: 'What it could not do yet', mini: 'What is small here', formula: 'The formula', howHeart: 'The formula in plain arithmetic:', howAgain: 'Trained once more from the same seed up to this step:', howFigure: { other: 'Another way: plain arithmetic or enumeration:', reference: 'Counted again by the slow reference device from the trained weights:' }, howTable: { adder: 'The ones of the row, counted:', functions: 'Of all whole weights from −4 to 4 the nearest that compute the function:', passes: 'Counted in plain loops as they come by:' } as Readonly<Record<string, string>>, example: 'On small numbers',
    run: 'Run', stop: 'Stop', more: 'Run longer', again: 'Another seed', clear: 'To the beginning', seed: 'Seed',
    at: (step: number) => plural(step, 'en', { one: 'step', other: 'steps' }), ready: 'Not run yet: what is shown is the beginning.', failed: 'The model stopped:', inLab: (title: string) => `More in the lab “${title}”`,
    variant: 'How', variants: { resnet: ['show with shortcuts', 'show without'], diffusion: ['the word “ring”', 'the word “cross”'], continual: ['only the new task', 'with rehearsal'] } as Readonly<Record<string, readonly string[]>>,
    curves: {
      mistakes: 'mistakes so far', loss: 'loss', convolved: 'convolutional', connected: 'dense', pretrained: 'prepared', untrained: 'not prepared', relu: 'ReLU', tanh: 'tanh', sigmoid: 'sigmoid', plausible: 'points at a cluster',
      learned: 'shown in training', fresh: 'new', plain: 'without shortcuts', residual: 'with shortcuts', bothSides: 'both sides', leftOnly: 'left only', zeroShot: 'no example', oneShot: 'one example', fourShot: 'four examples', known: 'known pairs', taskA: 'task A', taskB: 'task B',
    } as Readonly<Record<string, string>>,
    figures: {
      rowsRight: 'Rows right', rowsAll: 'Rows computed', possible: 'One neuron can', impossible: 'Proved impossible', passes: 'Passes by differences', worst: 'Largest disagreement', mistakes: 'Mistakes', right: 'Right', restored: 'Signals restored, of 8', codes: 'Different codes',
      convolved: 'Right, convolutional', connected: 'Right, dense', convWeights: 'Weights, convolutional', denseWeights: 'Weights, dense', pretrained: 'Right, prepared', untrained: 'Right, not prepared', restoring: 'Error of restoring', reluRight: 'Right, ReLU', tanhRight: 'Right, tanh', sigmoidRight: 'Right, sigmoid',
      covered: 'Clusters found, of 6', plausible: 'Points at a cluster', learned: 'Right, shown in training', fresh: 'Right, new', plainRight: 'Right, without shortcuts', residualRight: 'Right, with shortcuts', bothSides: 'Right, both sides', leftOnly: 'Right, left only', zeroShot: 'Right with no example', oneShot: 'Right after one', fourShot: 'Right after four',
      known: 'Right, known pairs', loss: 'Loss', onFigure: 'Points on the figure', taskA: 'Right, task A', taskB: 'Right, task B',
    } as Readonly<Record<string, string>>,
    pictures: {
      adder: 'Three bits added', functions: 'The 16 functions of two bits', passes: 'Passes for all slopes', plane: 'The answer over the plane', code: 'The hidden code', kernels: 'Kernels of the first layer', seen: 'New pictures and the answers', features: 'What ten neurons of the first layer look for', restored: 'Seen and restored, in pairs', cloud: 'Real and made points', translations: 'New numerals',
      attention: 'Where each digit looked', withShortcuts: 'With shortcuts', withoutShortcuts: 'Without shortcuts', gaps: 'Sums kept back', prompts: 'New prompts', similarity: 'Pictures (rows) and captions (columns)',
    } as Readonly<Record<string, string>>,
    heads: { 'x₁': 'x₁', 'x₂': 'x₂', 'x₃': 'x₃', carry: 'carry', sum: 'sum', '00': '00', '01': '01', '10': '10', '11': '11', 'w₁': 'w₁', 'w₂': 'w₂', b: 'b', net: 'network', weights: 'weights', backward: 'passes by backpropagation', differences: 'by differences', roman: 'read', written: 'written', gap: 'with a gap', filled: 'filled', want: 'right', prompt: 'prompt', continued: 'continued' } as Readonly<Record<string, string>>,
    marks: { square: 'square', plus: 'plus', cross: 'cross', diamond: 'diamond' } as Readonly<Record<string, string>>,
    curve: 'While it learns', curveHead: 'step', nothing: 'no value yet', real: 'real', made: 'made', cell: (row: string, column: string, value: string) => `${row}, ${column}: ${value}`, good: 'right', wrong: 'wrong', picture: (i: number) => `picture ${i}`,
    classHead: 'class', pointHead: 'point',
    planeSummary: 'Blue where the answer is 1, orange where it is 0. Squares are class 1, circles class 0.', cloudSummary: (n: number) => `Crosses are real points, circles the ${n} made ones.`,
    collapse: (n: number) => `Mode collapse: the forger has found only ${n} of the 6 clusters.`, repair: 'Train 1500 steps more',
    matching: 'What lifted which limit?', choose: 'choose a card',
    limits: {
      oneLine: 'One line is not enough: XOR.', credit: 'Whose mistake was it, in a hidden layer?', position: 'A figure moved by a pixel is a new one.', manyLayers: 'Several layers of sigmoids do not learn (first remedy).', bottleneck: 'A whole sequence squeezed into one vector.', degradation: 'More layers make it worse.', leftOnly: 'The gap is explained by what comes after it.', forgets: 'A new task wipes out the old one.',
    },
    count: 'functions:',
    ask: { match: 'Match each limit above to the card that lifted it.', sixteen: 'Of the 16 Boolean functions of two inputs, how many can one neuron compute?', shots: 'Predict: the model of 2020, five signs to choose from, no example in the prompt. How often is it right?', forget: 'Predict: task A is learned, then task B without rehearsal. What is left of A?' },
    forgetOptions: ['nearly all', 'little or nothing'] as readonly string[],
    why: {
      match: rich`Each idea removed one obstacle and made the next one visible.`,
      sixteen: rich`XOR and its opposite are missing: the demands of their four rows contradict each other.`,
      shots: rich`Without an example the shift is unknown: one of five is a guess. The first example reveals it, and attention finds the example again.`,
      forget: rich`Nothing in the loss speaks for A any more, so the weights move to wherever B wants them.`,
    },
    unmatched: (n: number) => `${plural(n, 'en', { one: 'limit has', other: 'limits have' })} no card yet.`, matched: 'All eight are matched.',
    mismatch: (limit: string, chosen: string, own: string) => `The limit “${limit.replace(/\.$/, '')}” was not lifted by “${chosen}”. Its own limit reads: ${own}`,
    sixteenRight: 'Right: 14, each with weights found; for the other two there is a proof.', sixteenWrong: (a: number, b: number) => `Run 1969: weights exist for ${a}, and ${b} are proved impossible.`,
    shotsMeasured: (zero: string, one: string) => `Measured after training: ${zero} % with no example, ${one} % after one.`, forgetMeasured: (a: string, b: string) => `Measured: ${a} % right on A, ${b} % on B.`,
  },
  ru: {
    lang: 'ru',
    title: 'Лента времени 1943–2025',
    lead: rich`На каждой карточке лекционной ленты — идея своего года в виде маленькой модели. Запустите её: она обучится здесь и сейчас, со своего зерна. Прочтите, чего она ещё не умела: следующая карточка снимает этот предел.`,
    tryFirst: [rich`Откройте 1986 год и запустите: появится код из трёх битов, которого никто не писал.`, rich`Сравните 2014 (seq2seq) и 2017 на одних и тех же числах; посмотрите на внимание.`, rich`Запустите 2023–25 без повторения, потом с ним.`],
    notice: [rich`Каждая карточка отвечает на предел одной из прежних. Хорошие идеи ждали: способа, данных, машин.`, rich`Одно и то же зерно даёт те же кривые; другое показывает, сколько тут везения.`, rich`Модели уменьшены; на каждой карточке сказано, что именно меньше, чем было.`],
    breaks: [rich`GAN теряет кучки: попробуйте несколько зёрен.`, rich`Маленькая модель, выучившая всё наизусть, ошибается на том, чего не видела: сравните «показанные» и «новые».`],
    timeline: 'Карточки по годам',
    cards: cardsRu,
    idea: 'Идея', limit: 'Чего она ещё не умела', mini: 'Что здесь уменьшено', formula: 'Формула', howHeart: 'Та же формула обычной арифметикой:', howAgain: 'Обучено ещё раз от того же зерна до этого шага:', howFigure: { other: 'Другим путём, обычной арифметикой или перебором:', reference: 'Пересчитано медленным эталонным устройством по обученным весам:' }, howTable: { adder: 'Единицы строки, сосчитанные:', functions: 'Ближайшие из всех целых весов от −4 до 4, которые вычисляют функцию:', passes: 'Сосчитано по ходу простых циклов:' }, example: 'На маленьких числах',
    run: 'Запустить', stop: 'Остановить', more: 'Учить дольше', again: 'Другое зерно', clear: 'К началу', seed: 'Зерно',
    at: (step: number) => plural(step, 'ru', { one: 'шаг', few: 'шага', many: 'шагов', other: 'шага' }), ready: 'Ещё не запущена: показано начало.', failed: 'Модель остановилась:', inLab: (title: string) => `Подробнее в лаборатории «${title}»`,
    variant: 'Как', variants: { resnet: ['показать с обходами', 'показать без них'], diffusion: ['слово «кольцо»', 'слово «крест»'], continual: ['только новая задача', 'с повторением'] },
    curves: {
      mistakes: 'всего ошибок', loss: 'потеря', convolved: 'свёрточная', connected: 'полносвязная', pretrained: 'подготовленная', untrained: 'без подготовки', relu: 'ReLU', tanh: 'tanh', sigmoid: 'сигмоида', plausible: 'точки у кучки',
      learned: 'показанные', fresh: 'новые', plain: 'без обходов', residual: 'с обходами', bothSides: 'в обе стороны', leftOnly: 'только налево', zeroShot: 'без примера', oneShot: 'один пример', fourShot: 'четыре примера', known: 'знакомые пары', taskA: 'задача А', taskB: 'задача Б',
    },
    figures: {
      rowsRight: 'Верных строк', rowsAll: 'Строк вычислено', possible: 'Один нейрон может', impossible: 'Доказано, что нельзя', passes: 'Проходов разностями', worst: 'Наибольшее расхождение', mistakes: 'Ошибок', right: 'Верно', restored: 'Восстановлено сигналов из 8', codes: 'Разных кодов',
      convolved: 'Верно, свёрточная', connected: 'Верно, полносвязная', convWeights: 'Весов, свёрточная', denseWeights: 'Весов, полносвязная', pretrained: 'Верно, с подготовкой', untrained: 'Верно, без подготовки', restoring: 'Ошибка восстановления', reluRight: 'Верно, ReLU', tanhRight: 'Верно, tanh', sigmoidRight: 'Верно, сигмоида',
      covered: 'Найдено кучек из 6', plausible: 'Точек у кучки', learned: 'Верно, показанные', fresh: 'Верно, новые', plainRight: 'Верно, без обходов', residualRight: 'Верно, с обходами', bothSides: 'Верно, в обе стороны', leftOnly: 'Верно, только налево', zeroShot: 'Верно без примера', oneShot: 'Верно после одного', fourShot: 'Верно после четырёх',
      known: 'Верно, знакомые пары', loss: 'Потеря', onFigure: 'Точек на фигуре', taskA: 'Верно, задача А', taskB: 'Верно, задача Б',
    },
    pictures: {
      adder: 'Сложение трёх битов', functions: '16 функций двух битов', passes: 'Проходы ради всех наклонов', plane: 'Ответ на плоскости', code: 'Скрытый код', kernels: 'Ядра первого слоя', seen: 'Новые картинки и ответы', features: 'Что ищут десять нейронов первого слоя', restored: 'Увидено и восстановлено, парами', cloud: 'Настоящие и сделанные точки', translations: 'Новые числа',
      attention: 'Куда смотрела каждая цифра', withShortcuts: 'С обходами', withoutShortcuts: 'Без обходов', gaps: 'Отложенные примеры', prompts: 'Новые запросы', similarity: 'Картинки (строки) и подписи (столбцы)',
    },
    heads: { 'x₁': 'x₁', 'x₂': 'x₂', 'x₃': 'x₃', carry: 'перенос', sum: 'сумма', '00': '00', '01': '01', '10': '10', '11': '11', 'w₁': 'w₁', 'w₂': 'w₂', b: 'b', net: 'сеть', weights: 'весов', backward: 'проходов назад и вперёд', differences: 'разностями', roman: 'прочитано', written: 'написано', gap: 'с пропуском', filled: 'заполнено', want: 'верно', prompt: 'запрос', continued: 'продолжено' },
    marks: { square: 'квадрат', plus: 'плюс', cross: 'крест', diamond: 'ромб' },
    curve: 'Пока учится', curveHead: 'шаг', nothing: 'значений ещё нет', real: 'настоящие', made: 'сделанные', cell: (row: string, column: string, value: string) => `${row}; ${column}: ${value}`, good: 'верно', wrong: 'неверно', picture: (i: number) => `картинка ${i}`,
    classHead: 'класс', pointHead: 'точка',
    planeSummary: 'Синее — там, где ответ 1, оранжевое — где 0. Квадраты — класс 1, кружки — класс 0.', cloudSummary: (n: number) => `Крестики — настоящие точки, кружки — сделанные (${n}).`,
    collapse: (n: number) => `Схлопывание: подделыватель нашёл кучек ${n} из 6.`, repair: 'Учить ещё 1500 шагов',
    matching: 'Что сняло какой предел?', choose: 'выберите карточку',
    limits: {
      oneLine: 'Одной прямой мало: XOR.', credit: 'Чья это ошибка, если слой скрыт?', position: 'Фигура, сдвинутая на пиксель, — новая фигура.', manyLayers: 'Несколько слоёв сигмоид не учатся (первое лекарство).', bottleneck: 'Весь ряд втиснут в один вектор.', degradation: 'От новых слоёв становится хуже.', leftOnly: 'Пропуск объясняет то, что стоит после него.', forgets: 'Новая задача стирает старую.',
    },
    count: 'функций:',
    ask: { match: 'Подберите к каждому пределу выше карточку, которая его сняла.', sixteen: 'Сколько из 16 булевых функций двух входов может вычислить один нейрон?', shots: 'Предскажите: модель 2020 года выбирает из пяти знаков, в запросе нет примера. Как часто она права?', forget: 'Предскажите: выучена задача А, потом без повторения задача Б. Что останется от А?' },
    forgetOptions: ['почти всё', 'мало или ничего'],
    why: {
      match: rich`Каждая идея убирала одно препятствие и открывала следующее.`,
      sixteen: rich`Недостаёт XOR и его отрицания: требования их четырёх строк противоречат друг другу.`,
      shots: rich`Без примера сдвиг неизвестен: один шанс из пяти. Первый пример его выдаёт, а внимание этот пример находит.`,
      forget: rich`В потере больше ничто не говорит за А, и веса уходят туда, куда их тянет Б.`,
    },
    unmatched: (n: number) => `Пока без карточки: ${plural(n, 'ru', { one: 'предел', few: 'предела', many: 'пределов', other: 'предела' })}.`, matched: 'Все восемь подобраны.',
    mismatch: (limit: string, chosen: string, own: string) => `Предел «${limit.replace(/\.$/, '')}» сняла не карточка «${chosen}». Её собственный предел: ${own}`,
    sixteenRight: 'Верно: 14, для каждой найдены веса; для двух других есть доказательство.', sixteenWrong: (a: number, b: number) => `Запустите 1969 год: веса есть для ${a}, а для ${b} доказано, что их нет.`,
    shotsMeasured: (zero: string, one: string) => `Измерено после обучения: ${zero} % без примера, ${one} % после одного.`, forgetMeasured: (a: string, b: string) => `Измерено: на А верно ${a} %, на Б ${b} %.`,
  },
})
export type Texts = (typeof texts)['en']
