// Attention as one page without anything from elsewhere: choose layer and head, see the map, point at a token to see where it looks.
import type { TextMap } from '../../recipes/index.ts'

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
/** JSON that no text can break out of. */
const json = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c').replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029')

export function attentionPage({ text, decision, maps }: { readonly text: string; readonly decision: string; readonly maps: readonly TextMap[] }): string {
  const rounded = maps.map((map) => ({ ...map, heads: map.heads.map((head) => head.map((row) => row.map((w) => Number(w.toFixed(4))))) }))
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(text.slice(0, 60))}: attention</title>
<style>
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
label{margin-right:1rem}
.scroll{overflow:auto}
table{border-collapse:collapse;margin:1rem 0;font-size:12px}
th{font-weight:400;text-align:right;padding:0 .4em;white-space:pre}
thead th{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left;padding:.4em 0}
td{width:1.3em;min-width:1.3em;height:1.3em;border:1px solid #8882}
tr:hover th,td:hover{outline:2px solid #c2570c}
#text span{white-space:pre-wrap;border-radius:3px}
</style>
<h1>${escaped(text)}</h1>
<p>${escaped(decision)}</p>
<p><label>Layer <select id="layer"></select></label><label>Head <select id="head"></select></label></p>
<p>A row shows where its token looks: the darker, the more. Point at a row to see it in the text.</p>
<p id="text"></p>
<div class="scroll"><table><thead></thead><tbody></tbody></table></div>
<script type="application/json" id="maps">${json(rounded)}</script>
<script>
const maps = JSON.parse(document.getElementById('maps').textContent)
const [layer, head, text] = ['layer', 'head', 'text'].map((id) => document.getElementById(id))
const show = (token) => token.replace(/\\n/g, '↵').replace(/ /g, '␣')
const make = (name, content) => Object.assign(document.createElement(name), content === undefined ? {} : { textContent: content })
const ink = (share) => 'rgba(31,95,168,' + share + ')'
maps.forEach((map, i) => layer.append(new Option(map.layer, i)))
layer.value = maps.length - 1
function heads() {
  head.replaceChildren(new Option('mean', -1), ...maps[layer.value].heads.map((_, i) => new Option(i + 1, i)))
  draw()
}
function draw() {
  const map = maps[layer.value]
  const at = Number(head.value)
  const weight = (t, s) => (at < 0 ? map.heads.reduce((sum, one) => sum + one[t][s], 0) / map.heads.length : map.heads[at][t][s])
  const top = make('tr')
  top.append(make('th'), ...map.columns.map((token) => make('th', show(token))))
  document.querySelector('thead').replaceChildren(top)
  document.querySelector('tbody').replaceChildren(...map.rows.map((token, t) => {
    const row = make('tr')
    const shares = map.columns.map((_, s) => weight(t, s))
    const most = Math.max(...shares) || 1
    row.append(make('th', show(token)), ...shares.map((w, s) => {
      const cell = make('td')
      cell.style.background = ink(w / most)
      cell.title = show(token) + ' → ' + show(map.columns[s]) + ': ' + (100 * w).toFixed(1) + ' %'
      return cell
    }))
    row.onmouseenter = () => text.replaceChildren(...map.columns.map((one, s) => {
      const span = make('span', one)
      span.style.background = ink(shares[s] / most)
      return span
    }))
    return row
  }))
  text.replaceChildren(...map.columns.map((one) => make('span', one)))
}
layer.onchange = heads
head.onchange = draw
heads()
</script>
</html>
`
}
