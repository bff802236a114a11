// The commands and their options; help, suggestions and exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { UsageError, reportError } from './errors.ts'
import { VERSION } from './version.ts'

/** Parses and runs; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // a closed pipe (| head) is no error
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      throw error
    })
  }
  let code = 0
  try {
    if (args[0] === 'train' && args.length > 2 && args.slice(2).some((arg) => arg === '--help' || arg === '-h')) {
      const help = (await import('./commands/recipe-help.ts')).recipeHelp(args[1]!)
      if (help !== null) {
        process.stdout.write(help)
        return 0
      }
    }
    await program((result) => (code = result)).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    reportError(error)
    return error instanceof UsageError ? 2 : 1
  }
}

type Done = (code: number) => void

function program(done: Done): Command {
  const root = new Command('gradus')
    .description('Deep learning in TypeScript, from the 1943 neuron to GPT.')
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(gradus --help lists the commands and options)')
    .exitOverride()
  root.configureHelp({ showGlobalOptions: false })
  train(root, done)
  evaluate(root, done)
  predict(root, done)
  explain(root, done)
  generate(root, done)
  translate(root, done)
  exportRun(root, done)
  info(root, done)
  onnx(root, done)
  doctor(root, done)
  studio(root, done)
  root.addHelpText('after', '\nBegin with:\n  gradus train digits')
  if (process.argv.length <= 2) root.action(() => root.outputHelp())
  return root
}

function train(root: Command, done: Done): void {
  root
    .command('train')
    .description('train a network: a built-in task (digits, fashion, cifar10, chars, translate, bert) or your own file')
    .argument('[what]', 'digits, fashion, cifar10, chars, translate, bert, or a .ts or .js file (see below); may be left out with --resume')
    .argument('[source]', 'chars: a text file; translate: a file of two columns (TSV or CSV); bert: a text file, or with --finetune the folder of a pretrained run')
    .option('-m, --model <name>', 'the network (digits: mlp, lenet, cnn, dbn, lecture; fashion: mlp, lenet, cnn; cifar10: resnet, resnet20; chars: gpt, lstm, gru, rnn; translate: seq2seq, transformer; bert: masked, classifier)')
    .option('-e, --epochs <n>', 'how often to go through the training data', wholeFrom(1))
    .option('-b, --batch <n>', 'examples in one update', wholeFrom(1))
    .option('--lr <rate>', 'learning rate', positive)
    .option('--clip <norm>', 'shorten gradients longer than this', positive)
    .option('-s, --seed <n>', 'the same seed gives the same run', whole)
    .addOption(device())
    .option('-t, --threads <n>', 'threads (default: one a core)', wholeFrom(1))
    .option('--workers <n>', 'digits, fashion, cifar10: threads of their own that move and mirror the pictures (default 0; the numbers stay the same)', wholeFrom(0))
    .option('-o, --out <dir>', 'folder for the run (default: runs/NAME-TIME)')
    .option('-r, --resume <dir>', 'go on with an interrupted run, bit for bit')
    .option('--data <dir>', 'folder with your own pictures (a folder for each class: DIR/7/a.png …), or files in MNIST’s form (train-images-idx3-ubyte …, plain or .gz)')
    .option('--tokenizer <name>', 'characters (default of chars) or bpe (byte pairs; default of translate)')
    .option('--vocabulary <n>', 'with --tokenizer bpe: how many tokens (default 1024)', wholeFrom(256))
    .option('--context <n>', 'chars: tokens in one piece of text (default 128); translate, bert: longest text (default 64)', wholeFrom(2))
    .option('--positions <name>', 'bert: rotary (default) or learned, as in the paper: slower to begin')
    .option('--finetune <file>', 'bert: learn to sort texts (TSV or CSV: label, text) on top of a pretrained run')
    .option('--labels <n>', 'digits, bert --finetune: learn from so many labelled examples only (default: all; digits --model dbn: 1000)', wholeFrom(0))
    .option('--tensorboard <dir>', 'write event files that TensorBoard shows')
    .option('--profile', 'show where the time goes, kernel by kernel; DIR/trace.json has the course of time')
    .option('--json', 'the result as one JSON object, the last line on stdout; progress goes to stderr')
    .addHelpText('after', FILE_HELP)
    .action(async (what: string | undefined, source: string | undefined, options: object) => done(await (await import('./commands/train.ts')).train(what, source, options)))
    .exitOverride()
}

function evaluate(root: Command, done: Done): void {
  root
    .command('evaluate')
    .description('test a trained network: accuracy, confusion matrix, precision and recall of every class')
    .argument('<dir>', 'folder of a run')
    .addOption(device())
    .option('-t, --threads <n>', 'threads (default: one a core)', wholeFrom(1))
    .option('--data <dir>', 'test on other files in MNIST’s form')
    .option('--json', 'the result as one JSON object on stdout')
    .action(async (dir: string, options: object) => done(await (await import('./commands/evaluate.ts')).evaluate(dir, options)))
    .exitOverride()
}

function predict(root: Command, done: Done): void {
  root
    .command('predict')
    .description('ask a trained network about pictures (PNG or JPEG of any size, dark on light or light on dark), or about texts')
    .argument('<dir>', 'folder of a run')
    .argument('<picture...>', 'pictures; for runs of bert texts in quotes, ___ or [MASK] where a token is to be guessed')
    .addOption(device())
    .option('--json', 'the result as one JSON object on stdout')
    .action(async (dir: string, images: string[], options: object) => done(await (await import('./commands/predict.ts')).predict(dir, images, options)))
    .exitOverride()
}

function explain(root: Command, done: Done): void {
  root
    .command('explain')
    .description('show which pixels of a picture, or which tokens of a text, a trained network’s decision hangs on, and where its attention looks')
    .argument('<dir>', 'folder of a run')
    .argument('<picture>', 'a picture (PNG or JPEG), or for runs of chars, translate and bert a text in quotes')
    .option('--method <name>', 'integrated (integrated gradients), saliency; for pictures gradcam; for texts attention (pictures: integrated; texts: attention, where there is any)')
    .option('--class <name>', 'the class to explain (default: the one it decides for); chars, bert: a token')
    .option('--layer <path>', 'gradcam: the convolution, attention: the layer (default: the last one)')
    .option('--head <n>', 'attention: one head, counted from 1 (default: the mean of all)', wholeFrom(1))
    .option('-o, --out <file>', 'also as a picture (.png); attention also as a page with all layers and heads (.html)')
    .addOption(device())
    .option('--json', 'the map as one JSON object on stdout')
    .action(async (dir: string, image: string, options: object) => done(await (await import('./commands/explain.ts')).explain(dir, image, options)))
    .exitOverride()
}

function generate(root: Command, done: Done): void {
  root
    .command('generate')
    .description('let a trained language model write on')
    .argument('<dir>', 'folder of a run (train chars)')
    .option('-p, --prompt <text>', 'how the text begins', '')
    .option('-n, --tokens <n>', 'how many tokens to write', wholeFrom(1), 400)
    .option('--temperature <t>', 'below 1 more certain, above 1 more daring, 0 always the likeliest', notNegative, 0.8)
    .option('--top-k <k>', 'choose among the k likeliest tokens only', wholeFrom(1))
    .option('--top-p <p>', 'choose among the likeliest tokens that have this probability together', share)
    .option('-s, --seed <n>', 'the same seed gives the same text', whole, 0)
    .option('--stream', 'show every token as soon as it is there')
    .addOption(device())
    .option('-t, --threads <n>', 'threads (default: one)', wholeFrom(1))
    .option('--json', 'prompt and text as one JSON object on stdout')
    .action(async (dir: string, options: object) => done(await (await import('./commands/generate.ts')).generate(dir, options)))
    .exitOverride()
}

function translate(root: Command, done: Done): void {
  root
    .command('translate')
    .description('let a trained model translate texts')
    .argument('<dir>', 'folder of a run (train translate)')
    .argument('<text...>', 'texts, each in quotes')
    .option('--beam <n>', 'beginnings kept while searching; 1 takes the likeliest token every time', wholeFrom(1), 4)
    .option('--all', 'show all that were kept, with ln p a token')
    .addOption(device())
    .option('-t, --threads <n>', 'threads (default: one)', wholeFrom(1))
    .option('--json', 'the translations as one JSON object on stdout')
    .action(async (dir: string, texts: string[], options: object) => done(await (await import('./commands/translate.ts')).translate(dir, texts, options)))
    .exitOverride()
}

function exportRun(root: Command, done: Done): void {
  root
    .command('export')
    .description('write a run for other programs: the network as ONNX, its weights as safetensors or NumPy’s npz')
    .argument('<dir>', 'folder of a run')
    .option('-f, --format <name>', 'onnx, safetensors or npz', 'safetensors')
    .option('-o, --out <file>', 'the file to write (default: DIR/model.FORMAT)')
    .option('-c, --checkpoint <name>', 'which weights: last or best', 'last')
    .option('--json', 'the result as one JSON object on stdout')
    .action(async (dir: string, options: object) => done(await (await import('./commands/export.ts')).exportRun(dir, options)))
    .exitOverride()
}

function info(root: Command, done: Done): void {
  root
    .command('info')
    .description('what a file of weights holds (safetensors, npz, npy, PyTorch, GGUF): tensors, shapes, types, sizes')
    .argument('<file>', 'the file, or the model.safetensors.index.json of several')
    .option('--trust', 'allow archives that unpack to more than 100 times their size')
    .option('--json', 'the result as one JSON object on stdout')
    .action(async (file: string, options: object) => done(await (await import('./commands/info.ts')).info(file, options)))
    .exitOverride()
}

function onnx(root: Command, done: Done): void {
  const group = root.command('onnx').description('models of other frameworks in ONNX form: look at them, run them, check the reader').exitOverride()
  const commands = (): Promise<typeof import('./commands/onnx.ts')> => import('./commands/onnx.ts')
  group
    .command('info')
    .description('inputs, outputs, operators and size of a model')
    .argument('<model>', 'an .onnx file')
    .option('--json', 'as one JSON object on stdout')
    .action(async (model: string, options: object) => done((await commands()).info(model, options)))
    .exitOverride()
  group
    .command('check')
    .description('whether Gradus can run a model: reads all of it and runs it once on ones')
    .argument('<model>', 'an .onnx file')
    .option('--trust', 'without limits of what a run may take')
    .addOption(device())
    .action(async (model: string, options: object) => done((await commands()).check(model, options)))
    .exitOverride()
  group
    .command('run')
    .description('run a model on arrays in npy files')
    .argument('<model>', 'an .onnx file')
    .option('-i, --input <name=file.npy...>', 'an input; repeat for several')
    .option('-o, --out <dir>', 'write every output to DIR/NAME.npy')
    .option('--trust', 'without limits of what a run may take')
    .addOption(device())
    .option('--json', 'the outputs as one JSON object on stdout')
    .action(async (model: string, options: object) => done(await (await commands()).run(model, options)))
    .exitOverride()
  group
    .command('conformance')
    .description('run a folder of the official ONNX backend tests (Debian: apt-get install libonnx-testdata)')
    .argument('<dir>', 'folder with model.onnx and test_data_set_N, at any depth')
    .addOption(device())
    .option('--json', 'every result as one JSON object on stdout')
    .action(async (dir: string, options: object) => done((await commands()).conformance(dir, options)))
    .exitOverride()
}

function doctor(root: Command, done: Done): void {
  root
    .command('doctor')
    .description('what this machine offers: Node, cores, SIMD, threads, devices, data; and why something is missing')
    .option('--json', 'as one JSON object on stdout')
    .action(async (options: object) => done(await (await import('./commands/doctor.ts')).doctor(options)))
    .exitOverride()
}

function studio(root: Command, done: Done): void {
  root
    .command('studio')
    .description('the lecture as a web app: labs in your browser, offline')
    .option('-p, --port <n>', 'port; 0: any free one', port, 4321)
    .option('--host <address>', 'address to listen on (0.0.0.0: the whole network)', '127.0.0.1')
    .option('--open', 'open it in the browser')
    .action(async (options: object) => done(await (await import('./commands/studio.ts')).studio(options)))
    .exitOverride()
}

const device = (): Option => new Option('-d, --device <name>', 'where to compute: auto, native, wasm, webgpu, reference').default('auto')

function number(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.')
  return value
}
function whole(text: string): number {
  const value = number(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Expected a whole number.')
  return value
}
const wholeFrom = (least: number) => (text: string): number => {
  const value = whole(text)
  if (value < least) throw new InvalidArgumentError(`Expected a whole number from ${least}.`)
  return value
}
function port(text: string): number {
  const value = whole(text)
  if (value < 0 || value > 65535) throw new InvalidArgumentError('Expected a port from 0 to 65535.')
  return value
}
function notNegative(text: string): number {
  const value = number(text)
  if (value < 0) throw new InvalidArgumentError('Expected a number from 0.')
  return value
}
function share(text: string): number {
  const value = number(text)
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('Expected a number above 0, up to 1.')
  return value
}
function positive(text: string): number {
  const value = number(text)
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number above 0.')
  return value
}

const FILE_HELP = `
The networks and options of one task: gradus train NAME --help, for example gradus train chars --help

Your own file exports a description of the training as its default:
  import { Adam, crossEntropy } from 'gradus/nn'
  import { defineTraining } from 'gradus/recipes'
  export default defineTraining({
    model: () => new Net(), data: () => ({ train, test }), loss: crossEntropy, optimizer: (rate) => new Adam(rate), epochs: 5,
  })`
