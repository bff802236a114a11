// @ts-check
// Formulas are set while building: tex`…` and rich`… $x$ …` in the sources become MathML by KaTeX.
// Inside: \v{name} is a live value, \p{name} the same in brackets when it is negative (see core/math.ts).
import katex from 'katex'

const macros = { '\\v': '\\text{@#1@}', '\\p': '\\text{@(#1@}' }

/** @param {string} source @param {boolean} display */
function toMathML(source, display) {
  const html = katex.renderToString(source, { output: 'mathml', displayMode: display, throwOnError: true, strict: 'error', macros: { ...macros } })
  return html
    .replace(/<annotation.*?<\/annotation>/s, '')
    .replace(/<\/?semantics>/g, '')
    .replace(/^<span class="katex">|<\/span>$/g, '')
    .replace(/^<span class="katex-display">|<\/span>$/g, '')
    .replace(/<span class="katex">|<\/span>/g, '')
    // a prime is a raised sign by itself: raised once more it floats away from its letter
    .replace(/<msup>((?:<mi[^>]*>[^<]*<\/mi>)|(?:<mrow>(?:(?!<mrow>).)*?<\/mrow>))<mo[^>]*>′<\/mo><\/msup>/g, '<mrow>$1<mo form="postfix" lspace="0.06em" rspace="0">′</mo></mrow>')
    .replace(/<mo[^>]*>([∥|])<\/mo>/g, '<mo stretchy="false" lspace="0" rspace="0">$1</mo>')
    // a minus that follows an opening sign or a relation belongs to its number
    .replace(/((?:<mrow>|<mo[^>]*>(?:[({[=≤≥<>≈,;→]|&lt;|&gt;)<\/mo>(?:<mspace[^>]*>(?:<\/mspace>)?)?))<mo>([−±])<\/mo>/g, '$1<mo form="prefix">$2</mo>')
    // between a named function and what it is taken of, unless that is in brackets
    .replace(/<mo>\u2061<\/mo>(?!(?:<mrow>)?<mo[^>]*>[([{|])/g, '$&<mspace width="0.1667em"></mspace>')
    .replaceAll(' xmlns="http://www.w3.org/1998/Math/MathML"', '')
}

/** The parts of a formula between its widest spaces, each a formula of its own: side by side, or one under the other on a phone. @param {string} source */
function partsOf(source) {
  const parts = ['']
  let depth = 0
  for (const piece of source.split(/(\\qquad|\\begin\b|\\end\b|\\left\b|\\right\b|(?<!\\)[{}])/)) {
    if (piece === '{' || piece === '\\begin' || piece === '\\left') depth++
    if (piece === '}' || piece === '\\end' || piece === '\\right') depth--
    if (piece === '\\qquad' && depth === 0) parts.push('')
    else parts[parts.length - 1] += piece
  }
  return parts.map((part) => part.trim())
}

/** A formula too long for a line of a phone, in pieces that begin with a relation. @param {string} source */
function lineOf(source) {
  if (source.length < 30) return [source]
  const pieces = ['']
  let depth = 0
  for (const sign of source.split(/(\\(?:begin|left|end|right)\b|\\approx\b|(?<!\\)[{}]|=)/)) {
    if (sign === '{' || sign === '\\begin' || sign === '\\left') depth++
    if (sign === '}' || sign === '\\end' || sign === '\\right') depth--
    if (depth === 0 && (sign === '=' || sign === '\\approx') && pieces.at(-1)?.trim() !== '') pieces.push('')
    pieces[pieces.length - 1] += sign
  }
  return pieces
}

/** @param {string} text */
const escapeHtml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Plain text with $formulas$, **strong** and *emphasis*. A sign that touches a formula stays on its line. @param {string} source */
function toHtml(source) {
  const parts = source.trim().split(/\$([^$]+)\$/)
  /** What touches the formula before it and after it, in Russian also a one-letter word; signs between two formulas belong to the first. @param {number} i */
  const touching = (i) => [
    i > 1 && /^[^\s*`]*$/.test(parts[i - 1] ?? '') ? '' : (/(?:(?<![а-яё])[вксуоия] )?[^\s*`]*$/iu.exec(parts[i - 1] ?? '')?.[0] ?? ''),
    /^[^\s*`]*/.exec(parts[i + 1] ?? '')?.[0] ?? '',
  ]
  return parts
    .map((part, i) => {
      if (i % 2 === 1) {
        const [before, after] = touching(i)
        const pieces = lineOf(part)
        return pieces.map((piece, k) => {
          const [left, right] = [k === 0 ? before ?? '' : '', k === pieces.length - 1 ? after ?? '' : '']
          const math = toMathML(piece, false)
          return left === '' && right === '' ? math : `<span class="whole">${escapeHtml(left)}${math}${escapeHtml(right)}</span>`
        }).join('<wbr>')
      }
      const from = i > 0 ? (touching(i - 1)[1] ?? '').length : 0
      const to = part.length - (i < parts.length - 1 ? (touching(i + 1)[0] ?? '').length : 0)
      return escapeHtml(part.slice(from, to))
        .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
        .replace(/\*([^*]+)\*/g, '<em>$1</em>')
        .replace(/`([^`]+)`/g, '<code>$1</code>')
        .replace(/(\d) %/g, '$1\u00a0%')
        // in Russian a dash never begins a line, nor does a one-letter word end it
        .replace(/ — /g, '\u00a0— ')
        .replace(/(?<![а-яё])([вксуоия]) (?=\S)/giu, '$1\u00a0')
    })
    .join('')
}

const TAGGED = /\b(tex|rich)`((?:[^`\\]|\\[^])*)`/g

/** @param {string} code @param {string} id */
export function setFormulas(code, id) {
  if (!code.includes('tex`') && !code.includes('rich`')) return null
  return code.replace(TAGGED, (_, tag, source) => {
    if (source.includes('${')) throw new Error(`${id}: ${tag}\`…\` takes no \${…}: use \\v{name}`)
    try {
      return `({ html: ${JSON.stringify(tag === 'tex' ? partsOf(source).map((part) => toMathML(part, true)).join('') : toHtml(source))} })`
    } catch (error) {
      throw new Error(`${id}: ${tag}\`${source}\`: ${error instanceof Error ? error.message : error}`)
    }
  })
}

/** @returns {import('vite').Plugin} */
export function formulas() {
  return {
    name: 'studio-formulas',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/apps\/studio\/src\/.*\.(ts|svelte)$/.test(id.replaceAll('\\', '/'))) return null
      const set = setFormulas(code, id)
      return set === null ? null : { code: set, map: null }
    },
  }
}
