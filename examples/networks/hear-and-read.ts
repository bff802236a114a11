// Three trained networks of others: is somebody speaking, what is said, what is written?
// npm run networks -- --install, then npx jiti examples/networks/hear-and-read.ts [SOUND.wav] [LINE.png]
import { readFileSync } from 'node:fs'
import { load, open, picture, pixels, samples, speech } from './files.ts'
import { compiled, eager } from './gradus.ts'
import { DECODER, ENCODER, OCR, OCR_KEYS, VAD, WINDOW, decodeLine, speechProbabilities, transcribe } from './models.ts'

const [soundFile, pictureFile] = process.argv.slice(2)
const sound = soundFile === undefined ? speech() : samples(readFileSync(soundFile))

const probabilities = await speechProbabilities(compiled(VAD), sound)
const bars = '▁▂▃▄▅▆▇█'
console.log(`speech?    ${Array.from({ length: Math.ceil(probabilities.length / 6) }, (_, i) => bars[Math.min(7, Math.floor(probabilities[6 * i]! * 8))]).join('')}  (a sign each ${((6 * WINDOW) / 16_000).toFixed(2)} s)`)

const { last_hidden_state: encoded } = await compiled(ENCODER).run({ input_values: { type: 'float32', data: sound, shape: [1, sound.length] } })
const { tokens } = await transcribe(eager(DECODER), encoded!, Math.ceil((sound.length / 16_000) * 6.5))
const { default: tokenizer } = await load<{ default: { decode(tokens: readonly number[], bos: boolean, space: boolean): string } }>('llama-tokenizer-js/llama-tokenizer.js')
console.log(`it says    ${tokenizer.decode(tokens.slice(0, -1), false, true)}`)

const line = pixels(pictureFile === undefined ? picture() : readFileSync(pictureFile))
const reader = compiled(OCR)
const [scores] = Object.values(await reader.run({ x: { type: 'float32', ...line } }))
const keys = new TextDecoder().decode(open(OCR_KEYS)).replace(/\n$/, '').split('\n')
console.log(`it reads   ${decodeLine(await reader.read(scores!), keys)}`)
process.exit(0)
