// A program to read in colours and to type in where the state stands: CodeMirror, loaded when a program is looked at. It lives in
// a shadow root, where its styles are adopted sheets: style elements are against the page's policy. It decides nothing: what is
// typed in a place is told, and `show` brings what stands in the program then.
import { standardKeymap } from '@codemirror/commands'
import { typescriptLanguage } from '@codemirror/lang-javascript'
import { pythonLanguage } from '@codemirror/lang-python'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Annotation, EditorState, Prec, StateEffect, StateField, type Transaction } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, type KeyBinding, WidgetType, keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { changesBetween, placeOfChange } from '../core/code-edit.ts'
import type { Code } from '../core/lab.ts'

/** A place one can type in; `list` for a choice: how it is called, its options and their words. */
export interface Mark { readonly id: string; readonly from: number; readonly to: number; readonly word: boolean; readonly list?: { readonly label: string; readonly options: readonly { readonly value: string; readonly word: string }[]; readonly value: string } }
export interface Shown {
  readonly text: string
  readonly marks: readonly Mark[]
  readonly kind: keyof Code
  /** Read aloud: the name of the program, how it is used. */
  readonly label: string
  readonly help: string
  /** The place that is being typed in, and whether it says nothing yet. */
  readonly typing: string | null
  readonly wrong: boolean
}
export interface Told {
  readonly typed: (id: string, text: string) => void
  readonly refused: () => void
  /** Where the caret is. */
  readonly at: (id: string | null) => void
  /** The fields of a number are asked for; by keys focus goes there, by a press it stays with the text. */
  readonly fields: (id: string, anchor: Element, focus: boolean) => void
  readonly step: (id: string, by: number) => void
  readonly choose: (id: string, option: string) => void
  /** Escape; whether there was something to take back. */
  readonly leave: () => boolean
}
export interface Editor { readonly show: (shown: Shown) => void; readonly destroy: () => void }

const set = StateEffect.define<Shown>()
/** What a person typed goes into this place. */
const into = StateEffect.define<string>()
const ours = Annotation.define<boolean>()

const field = StateField.define<Shown>({
  create: () => ({ text: '', marks: [], kind: 'gradus', label: '', help: '', typing: null, wrong: false }),
  update(shown, tr) {
    let [now, typing] = [shown, null as string | null]
    for (const effect of tr.effects) {
      if (effect.is(set)) now = effect.value
      if (effect.is(into)) typing = effect.value
    }
    if (typing === null) return now
    // the place grows with what is typed; others that touch it give way
    return { ...now, typing, marks: now.marks.map((mark) => {
      const side = mark.id === typing ? 1 : -1
      return { ...mark, from: tr.changes.mapPos(mark.from, -side), to: Math.max(tr.changes.mapPos(mark.from, -side), tr.changes.mapPos(mark.to, side)) }
    }) }
  },
})

/** The list of a choice's options at the end of its word. */
class List extends WidgetType {
  readonly mark: Mark
  readonly told: Told
  constructor(mark: Mark, told: Told) {
    super()
    this.mark = mark
    this.told = told
  }
  override eq({ mark }: List): boolean {
    return mark.id === this.mark.id && JSON.stringify(mark.list) === JSON.stringify(this.mark.list)
  }
  toDOM(view: EditorView): HTMLElement {
    const list = Object.assign(document.createElement('span'), { className: 'list' })
    const select = list.appendChild(document.createElement('select'))
    select.tabIndex = -1 // one stop for Tab: the text
    select.onchange = () => this.told.choose(select.dataset.place!, select.value)
    select.onkeydown = (event) => {
      if (!['Escape', 'Enter', 'ArrowLeft', 'ArrowRight'].includes(event.key)) return
      event.preventDefault()
      event.stopPropagation()
      view.focus()
    }
    this.updateDOM(list)
    return list
  }
  override updateDOM(list: HTMLElement): boolean {
    const select = list.querySelector('select')!
    const { id, list: { label, options, value } } = this.mark as Required<Mark>
    select.dataset.place = id
    select.setAttribute('aria-label', label)
    select.replaceChildren(...options.map((option) => new Option(option.word, option.value)))
    select.value = value
    return true
  }
}
/** An empty place, so that one sees where it is. */
class Gap extends WidgetType {
  override eq = (): boolean => true
  toDOM = (): HTMLElement => Object.assign(document.createElement('span'), { className: 'gap wrong' })
}

function decorations(state: EditorState, told: Told): DecorationSet {
  const { marks, typing, wrong } = state.field(field)
  return Decoration.set(marks.flatMap((mark) => {
    const bad = wrong && mark.id === typing
    const around = mark.from === mark.to ? Decoration.widget({ widget: new Gap(), side: -1 }).range(mark.from)
      : Decoration.mark({ class: `${mark.word ? 'word' : 'number'}${bad ? ' wrong' : ''}`, attributes: { 'data-place': mark.id } }).range(mark.from, mark.to)
    return mark.list === undefined ? [around] : [around, Decoration.widget({ widget: new List(mark, told), side: 1 }).range(mark.to)]
  }), true)
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.moduleKeyword, tags.controlKeyword, tags.operatorKeyword, tags.definitionKeyword, tags.self], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.comment], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.function(tags.definition(tags.variableName))], color: 'var(--code-call)' },
  { tag: [tags.typeName, tags.className, tags.definition(tags.className)], color: 'var(--code-type)' },
])

const look = EditorView.theme({
  '&': { color: 'var(--ink)', background: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'inherit', lineHeight: 'inherit' },
  '.cm-content': { padding: '0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0' },
  '.number': { borderBottom: '2px solid var(--positive)', borderRadius: '2px 2px 0 0', cursor: 'text' },
  '.word': { borderBottom: '2px dashed var(--positive)' },
  '.number:hover, .word:hover': { background: 'var(--raised)' },
  '.wrong, .number.wrong:hover, .word.wrong:hover': { borderBottom: '2px solid var(--bad)', background: 'var(--bad-wash)', textDecoration: 'underline wavy var(--bad)' },
  '.gap': { display: 'inline-block', width: '1ch', height: '1.3em', verticalAlign: 'text-bottom' },
  // paper does not scroll
  '@media print': { '.cm-content': { whiteSpace: 'break-spaces', overflowWrap: 'anywhere', flexShrink: '1' } },
  '.list': { position: 'relative', color: 'var(--positive)' },
  '.list::after': { content: '"▾" / ""' },
  '.list:has(:focus-visible)': { outline: '3px solid var(--focus)', outlineOffset: '1px', borderRadius: '3px' },
  '.list select': { position: 'absolute', inset: '-2px -9px', width: 'calc(100% + 18px)', height: 'calc(100% + 4px)', margin: '0', padding: '0', border: '0', opacity: '0', font: 'inherit', fontSize: '1rem', cursor: 'pointer' },
})
const HIDDEN = 'position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)'

export function openEditor(host: HTMLElement, first: Shown, told: Told): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const help = Object.assign(document.createElement('p'), { id: 'help' })
  help.style.cssText = HIDDEN
  root.replaceChildren(help)
  const markAt = (state: EditorState): Mark | undefined => {
    const { main } = state.selection
    const { marks, typing } = state.field(field)
    return placeOfChange(marks, main, typing)
  }
  const within = (run: (mark: Mark, view: EditorView) => void) => (view: EditorView): boolean => {
    const mark = markAt(view.state)
    if (mark !== undefined) run(mark, view)
    return mark !== undefined
  }
  const anchorOf = (view: EditorView, { id }: Mark): Element => view.contentDOM.querySelector(`[data-place="${CSS.escape(id)}"]`) ?? view.contentDOM
  const go = (by: 1 | -1) => (view: EditorView): boolean => {
    const { marks } = view.state.field(field)
    const { from, to } = view.state.selection.main
    const next = by > 0 ? marks.find((mark) => mark.from > from || (mark.from === from && mark.to > to)) : marks.findLast((mark) => mark.to < to || (mark.to === to && mark.from < from))
    if (next !== undefined) view.dispatch({ selection: { anchor: next.from, head: next.to }, scrollIntoView: true })
    return true
  }
  const keys: readonly KeyBinding[] = [
    { key: 'Alt-ArrowRight', run: go(1) },
    { key: 'Alt-ArrowLeft', run: go(-1) },
    ...([['Alt-ArrowUp', 1], ['Alt-ArrowDown', -1], ['Shift-Alt-ArrowUp', 10], ['Shift-Alt-ArrowDown', -10]] as const).map(([key, by]) => ({ key, run: (view: EditorView) => within(({ id }) => told.step(id, by))(view) || true })),
    {
      key: 'Enter',
      run: (view) => {
        const open = within((mark) => {
          if (mark.word) view.contentDOM.querySelector<HTMLSelectElement>(`select[data-place="${CSS.escape(mark.id)}"]`)?.focus()
          else told.fields(mark.id, anchorOf(view, mark), true)
        })
        if (!open(view)) told.refused()
        return true
      },
    },
    { key: 'Escape', run: () => told.leave(), stopPropagation: true },
    // the clicker's keys turn pages
    ...standardKeymap.filter(({ key }) => key === undefined || !/Page(Up|Down)$|^Enter$/.test(key)),
  ]
  /** Only what lies in one place may change; that one is told. */
  const filter = EditorState.transactionFilter.of((tr: Transaction) => {
    if (!tr.docChanged || tr.annotation(ours) === true) return tr
    const { marks, typing } = tr.startState.field(field)
    const changes: { readonly from: number; readonly to: number; readonly lines: number }[] = []
    tr.changes.iterChanges((from, to, _, __, inserted) => void changes.push({ from, to, lines: inserted.lines }))
    const [change] = changes
    const place = changes.length === 1 && change!.lines === 1 ? placeOfChange(marks, change!, typing) : undefined
    if (place !== undefined) return [tr, { effects: into.of(place.id) }]
    queueMicrotask(told.refused)
    return []
  })
  const listener = EditorView.updateListener.of((update) => {
    const { marks, typing } = update.state.field(field)
    for (const tr of update.transactions) {
      const id = tr.effects.find((effect) => effect.is(into))?.value as string | undefined
      const mark = marks.find((one) => one.id === id)
      if (mark !== undefined) told.typed(mark.id, update.state.sliceDoc(mark.from, mark.to))
    }
    if (update.selectionSet || update.focusChanged || update.docChanged) told.at(update.view.hasFocus ? placeOfChange(marks, update.state.selection.main, typing)?.id ?? null : null)
  })
  const starting = (shown: Shown): EditorState => EditorState.create({
    doc: shown.text,
    // Tab leads to the first place
    ...(shown.marks[0] === undefined ? {} : { selection: { anchor: shown.marks[0].from, head: shown.marks[0].to } }),
    extensions: [
      field.init(() => shown), filter, listener, look, keymap.of(keys),
      shown.kind === 'gradus' ? typescriptLanguage : pythonLanguage, syntaxHighlighting(colours),
      Prec.high(EditorView.decorations.compute([field], (state) => decorations(state, told))),
      EditorView.contentAttributes.compute([field], (state) => {
        const { label, marks, wrong } = state.field(field)
        return { 'aria-label': label, 'aria-describedby': 'help', 'aria-invalid': String(wrong), 'aria-readonly': String(marks.length === 0), lang: 'en', tabindex: '0' }
      }),
      EditorView.clipboardInputFilter.of((text) => text.trim()),
      EditorView.domEventHandlers({
        click(event, view) {
          const mark = markAt(view.state)
          const pressed = (event.target as Element).closest('.number')
          if (mark !== undefined && !mark.word && pressed !== null && view.state.selection.main.empty) told.fields(mark.id, pressed, false)
        },
        // files are the page's
        drop: (event) => event.dataTransfer?.types.includes('Files') === true,
      }),
    ],
  })
  const view = new EditorView({ parent: root, root, state: starting(first) })
  help.textContent = first.help
  const show = (shown: Shown): void => {
    help.textContent = shown.help
    const now = view.state.field(field)
    if (now.kind !== shown.kind) {
      view.setState(starting(shown))
      return
    }
    const before = view.state.doc.toString()
    const [was, is] = [now.marks, shown.marks].map((marks) => marks.find(({ id }) => id === shown.typing))
    const still = was !== undefined && is !== undefined && before.slice(was.from, was.to) === shown.text.slice(is.from, is.to) ? { before: was, after: is } : undefined
    const listed = root.activeElement instanceof HTMLSelectElement
    const { main } = view.state.selection
    const mark = markAt(view.state)
    const place = shown.marks.find(({ id }) => id === mark?.id)
    const whole = !main.empty && main.from === mark?.from && main.to === mark.to
    view.dispatch({
      changes: changesBetween(before, shown.text, still), effects: set.of(shown), annotations: ours.of(true),
      ...(place !== undefined && whole ? { selection: { anchor: place.from, head: place.to } } : {}),
    })
    // the caret stays in its place, whatever stands there now
    const { from, to } = view.state.selection.main
    if (place !== undefined && (from < place.from || to > place.to)) view.dispatch({ selection: { anchor: place.to } })
    // the list may have gone with the program it stood in
    if (listed && root.activeElement === null) view.focus()
  }
  return { show, destroy: () => view.destroy() }
}
