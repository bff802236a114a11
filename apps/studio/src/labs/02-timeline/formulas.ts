// The formula of each card, and the same with its example numbers.
import { type Html, tex } from '../../core/math.ts'
import type { CardId } from './model.ts'

export const YEARS: Readonly<Record<CardId, string>> = {
  mcculloch: '1943', rosenblatt: '1958', minsky: '1969', werbos: '1974', rumelhart: '1986', lenet: '1989', belief: '2006', alexnet: '2012', gan: '2014', seq2seq: '2014',
  resnet: '2015', transformer: '2017', bert: '2018', gpt: '2020', clip: '2021', diffusion: '2022', continual: '2023–25',
}
export const FORMULAS: Readonly<Record<CardId, readonly [Html, Html]>> = {
  mcculloch: [tex`a = \begin{cases} 1, & b + \sum_i w_i x_i > 0 \\ 0, & b + \sum_i w_i x_i \le 0 \end{cases}`, tex`-1.5 + 1 \cdot 1 + 1 \cdot 0 + 1 \cdot 1 > 0`],
  rosenblatt: [tex`w \leftarrow w + (y - a)\,x`, tex`0.5 + (0 - 1) \cdot 2`],
  minsky: [tex`z_{01} + z_{10} = z_{00} + z_{11}`, tex`(0 + 1) + (1 + 0) - (0 + 0) - (1 + 1)`],
  werbos: [tex`\delta = \frac{\partial C}{\partial z} = (a - y)\,\sigma'(z)`, tex`(\sigma(0.5) - 1)\,\sigma(0.5)\,(1 - \sigma(0.5))`],
  rumelhart: [tex`a = \sum_k v_k\,\sigma\Bigl(b_k + \sum_j w_{jk} x_j\Bigr)`, tex`1.5\,\sigma(2 - 1) - 2\,\sigma(-3 + 0.5)`],
  lenet: [tex`z_{rs} = \sum_{i,j} k_{ij}\,x_{r+i,\,s+j}`, tex`3 \cdot (-1 \cdot 0 + 2 \cdot 1 - 1 \cdot 0)`],
  belief: [tex`P(h_k = 1 \mid v) = \sigma\Bigl(b_k + \sum_j w_{jk} v_j\Bigr)`, tex`\sigma(-0.2 + 0.8 + 0.4)`],
  alexnet: [tex`\frac{\partial h_8}{\partial h_0} = \prod_{l=1}^{8} w_l\,\mathrm{ReLU}'(z_l)`, tex`1.1^8`],
  gan: [tex`C = -\ln D(x) - \ln\bigl(1 - D(G(z))\bigr)`, tex`\ln(1 + e^{-1.2}) + \ln(1 + e^{-0.4})`],
  seq2seq: [tex`h_t = u\,h_{t-1} + (1 - u)\tanh(\dots)`, tex`\sigma(0.3) \cdot 0.8 + (1 - \sigma(0.3)) \tanh(-0.5)`],
  resnet: [tex`h_{l+1} = h_l + f(h_l), \qquad \frac{\partial h_{l+1}}{\partial h_l} = 1 + f'(h_l)`, tex`\prod_{l=0}^{9} \bigl(1 + 0.1\,(1 - \tanh^2(0.1\,h_l))\bigr), \quad h_0 = 0.2`],
  transformer: [tex`\mathrm{softmax}\Bigl(\frac{q k^{\mathsf T}}{\sqrt d}\Bigr)\,v`, tex`\frac{10\,e^{2/\sqrt2} + 20\,e^{0}}{e^{2/\sqrt2} + e^{0}}`],
  bert: [tex`C = -\ln P(x_t \mid x_1 \dots x_{t-1},\, x_{t+1} \dots x_T)`, tex`\ln(e^{0.2} + e^{2} + e^{-1}) - 2`],
  gpt: [tex`C = -\frac1T \sum_t \ln P(x_{t+1} \mid x_1 \dots x_t)`, tex`\tfrac12\bigl(\ln(e + 2) - 1 + \ln(e^3 + 2) - 3\bigr)`],
  clip: [tex`C = -\frac1{2n} \sum_i \Bigl(\ln \frac{e^{s_{ii}}}{\sum_j e^{s_{ij}}} + \ln \frac{e^{s_{ii}}}{\sum_j e^{s_{ji}}}\Bigr)`, tex`s = 8 \begin{pmatrix} 0.9 & 0.1 \\ 0.3 & 0.8 \end{pmatrix}`],
  diffusion: [tex`x_t = \sqrt{\bar\alpha_t}\,x_0 + \sqrt{1 - \bar\alpha_t}\,\varepsilon`, tex`\sqrt{0.64} \cdot 2 + \sqrt{0.36} \cdot (-0.5)`],
  continual: [tex`C = \tfrac12\,C_{\text{new}} + \tfrac12\,C_{\text{kept}}`, tex`\tfrac12 (0.05 + 0.9)`],
}

const SHARE = tex`100 \cdot \frac{\#\{i : \hat y_i = y_i\}}{n}`
/** Where a figure of a run comes from. Those not named here are shares of right answers. */
const OF_FIGURES: Readonly<Record<string, Html>> = {
  rowsRight: tex`\#\{i : \hat y_i = y_i\}`, rowsAll: tex`\#\{i\}`, possible: tex`\#\{f : \exists\, w_1, w_2, b\}`, impossible: tex`\#\{f : \nexists\, w_1, w_2, b\}`, mistakes: tex`\#\{k : a_k \ne y_k\}`,
  passes: tex`2\,(5n + 1)`, worst: tex`\max_i \left| \frac{\partial C}{\partial w_i} - \frac{C(w_i + h) - C(w_i - h)}{2h} \right|`,
  restored: tex`\#\{i : \arg\max_j a_{ij} = i\}`, codes: tex`\#\{([h_1 > \tfrac12], [h_2 > \tfrac12], [h_3 > \tfrac12])\}`,
  convWeights: tex`(3 \cdot 3 + 1) \cdot 6 + (3 \cdot 3 \cdot 6 + 1) \cdot 8 + (32 + 1) \cdot 4`, denseWeights: tex`(100 + 1) \cdot 6 + (6 + 1) \cdot 4`,
  covered: tex`\#\{m : \#\{i : \lVert x_i - c_m \rVert < 0.5\} \ge 8\}`, plausible: tex`100 \cdot \frac{\#\{i : \min_m \lVert x_i - c_m \rVert < 0.5\}}{n}`,
  onFigure: tex`100 \cdot \frac{\#\{i : d_i < 0.25\}}{n}`, restoring: tex`\frac1n \sum_i (\hat v_i - v_i)^2`,
}
const LOSSES: Partial<Readonly<Record<CardId, Html>>> = { rumelhart: tex`-\frac1n \sum_i \bigl(y_i \ln a_i + (1 - y_i) \ln(1 - a_i)\bigr)`, diffusion: tex`\frac1n \sum_i (\hat\varepsilon_i - \varepsilon_i)^2` }
export const figureFormula = (card: CardId, key: string): Html => (key === 'loss' ? LOSSES[card] : OF_FIGURES[key]) ?? SHARE
