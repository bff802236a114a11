// A plan: everything `gradus train` needs to know to train something. Built-in recipes and users' files are plans alike.
import type { Augment, CenterOptions, Dataset, FindOptions, TrainingData } from '../data/index.ts'
import type { NDArray } from '../base/index.ts'
import type { Layer, Optimizer } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { Loss, Metric } from '../train/index.ts'

/** A model to choose by `--model`, and how it likes to be trained. */
export interface ModelPlan {
  readonly about: string
  /** Called after the seed is set, so that the same seed gives the same first weights. */
  readonly build: (assets: Assets) => Layer
  readonly loss: Loss
  /** For a learning rate and the number of updates the run will make. */
  readonly optimizer: (learningRate: number, steps: number) => Optimizer
  readonly learningRate: number
  readonly epochs: number
  readonly batchSize: number
  readonly augment?: Augment
  /** Longest gradient. */
  readonly clipNorm?: number
  /** Default: accuracy where the targets are classes. */
  readonly metrics?: readonly Metric[]
  /** Teaches the model without labels before it is fitted; the run then also says what it comes to without that. */
  readonly pretrain?: (model: Layer, data: RecipeData, options: PretrainChoices) => Promise<void>
  /** The network that `pretrain` is compared with; default: another one from `build`. */
  readonly untaught?: (assets: Assets) => Layer
  /** Values of the recipe's options that suit this model better than their defaults. */
  readonly options?: Readonly<Record<string, Setting>>
}
export interface PretrainChoices {
  readonly seed: number
  readonly signal?: AbortSignal
  /** Tells how far it is. */
  readonly say: (text: string) => void
}

/** What a model needs besides its weights (a tokenizer …), as JSON by name: written as NAME.json into the run's folder. */
export type Assets = Readonly<Record<string, unknown>>

/** What a recipe is given to find its data with. */
export interface DataOptions extends FindOptions {
  /** Those of the run the data is for: its tokenizers are used again, not learned anew. */
  readonly assets?: Assets
  /** The recipe's own options, defaults filled in. */
  readonly options?: Readonly<Record<string, Setting>>
  /** That of the run: which part of the data is drawn, if only a part is taken. */
  readonly seed?: number
}
export interface RecipeData {
  readonly train: TrainingData
  /** More of the same without labels (its targets are not to be looked at), for `pretrain`. */
  readonly unlabelled?: Dataset
  readonly test?: Dataset
  /** Measured after every epoch. */
  readonly validation?: TrainingData
  readonly from?: string
  /** What one input is called when they are counted; default "examples". */
  readonly unit?: string
  readonly assets?: Assets
  /** Weights to begin with instead of random ones, by path; the run then also says what it comes to without them. */
  readonly initial?: () => Promise<Readonly<Record<string, NDArray>>>
  /** Pairs held back, as texts, to be measured with. */
  readonly held?: readonly { readonly first: string; readonly second: string }[]
}
export type Setting = string | number

/** An option of one recipe alone, given on the command line by its name. */
export interface RecipeOption {
  readonly about: string
  readonly default: Setting
  /** The values it may have; otherwise any whole number from 1. */
  readonly choices?: readonly string[]
}

/** What a finished model is worth, in figures (for `--json`) and in words. */
export interface Score {
  readonly figures: Readonly<Record<string, number>>
  readonly text: string
}
/** How a model goes on writing; null: it does not write. */
export interface Writer {
  /** Pieces of text after a prompt, without end unless `tokens` says so. */
  write(prompt: string, options: WriteOptions): AsyncGenerator<string, void, undefined>
}
/** How a model translates. */
export interface Translator {
  /** For every text its likeliest translations, best first; beam: how many beginnings are kept (1: greedy). */
  translate(texts: readonly string[], options?: { readonly beam?: number }): Promise<readonly (readonly { readonly text: string; readonly score: number }[])[]>
}
/** How a model reads texts: what `gradus predict` and `gradus explain` show of them. */
export interface Reader {
  /** Absent: it neither sorts texts nor fills gaps. */
  readonly answer?: (text: string) => Promise<TextAnswer>
  /** Where attention looks while the model reads the text; empty: it has none. */
  readonly attention: (text: string) => Promise<TextMaps>
  /** What each token adds to the decision (of `target`, if it is not the model's own). */
  readonly contributions: (text: string, options: { readonly method: 'integrated' | 'saliency'; readonly target?: string }) => Promise<TextContributions>
}
export interface TextAnswer {
  /** The probability of every class. */
  readonly classes?: Readonly<Record<string, number>>
  /** The text with its gaps filled, and for each gap the likeliest tokens. */
  readonly filled?: { readonly text: string; readonly gaps: readonly (readonly { readonly token: string; readonly probability: number }[])[] }
}
export interface TextMap {
  /** Path of the attention layer. */
  readonly layer: string
  /** The tokens that look, and those that are looked at. */
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** For each head, for each row: the share of each column. */
  readonly heads: readonly (readonly (readonly number[])[])[]
}
export interface TextMaps {
  /** What the model makes of the text, in words. */
  readonly decision: string
  readonly maps: readonly TextMap[]
}
export interface TextContributions {
  readonly decision: string
  /** What the values speak for. */
  readonly target: string
  readonly tokens: readonly string[]
  readonly values: readonly number[]
}
export interface WriteOptions {
  readonly tokens?: number
  /** Below 1 more certain, above 1 more daring, 0 always the likeliest. */
  readonly temperature?: number
  /** Only the so many likeliest tokens. */
  readonly topK?: number
  /** Only the likeliest tokens that together have this probability. */
  readonly topP?: number
  readonly seed?: number
  readonly signal?: AbortSignal
}

/** Grey pictures of one thing on a plain ground, (28, 28) in MNIST's manner, or whole colour pictures (3, side, side). */
export type PictureForm = CenterOptions | { readonly colors: number; readonly prepare: (pixels: Tensor) => Tensor }

export interface Recipe {
  readonly name: string
  readonly about: string
  /** The first is the default. */
  readonly models: Readonly<Record<string, ModelPlan>>
  readonly data: (options: DataOptions) => Promise<RecipeData>
  /** A file that must be named (its place comes as `folder`), in a word or two. */
  readonly source?: string
  readonly options?: Readonly<Record<string, RecipeOption>>
  /** Default, and for null: the accuracy on the test data. */
  readonly score?: (model: Layer, data: RecipeData) => Promise<Score | null>
  /** For models that write text: shown after every epoch, and what `gradus generate` uses. */
  readonly writer?: (model: Layer, assets: Assets) => Writer
  /** Shown after every epoch; default: what the writer writes. */
  readonly sample?: (model: Layer, assets: Assets) => Promise<string>
  /** For models that translate: what `gradus translate` uses. */
  readonly translator?: (model: Layer, assets: Assets) => Translator
  /** For models that read texts. */
  readonly reader?: (model: Layer, assets: Assets) => Reader
  /** For networks that read pictures: how `predict` brings one to the form of the data, and the classes it may be. */
  readonly pictures?: PictureForm & { readonly classes: readonly string[] }
  /** Arguments of the model for one example, with the batch axis: what `gradus export --format onnx` runs it on. Default: the data's. */
  readonly example?: (assets: Assets) => readonly unknown[]
  /** Outputs are logits (default) or already signals from 0 to 1. */
  readonly outputs?: (model: string) => 'logits' | 'signals'
  /** A test error to compare with. */
  readonly yardstick?: { readonly text: string; readonly error: number }
}

/** Data of a user's file: in memory or streaming. */
type SpecData = Pick<RecipeData, 'train' | 'test' | 'validation'>

/** What a user's file exports as its default for `gradus train FILE`. */
export interface TrainingSpec {
  /** Makes the model; called after the seed is set. */
  readonly model: () => Layer
  readonly data: () => SpecData | Promise<SpecData>
  readonly loss: Loss
  /** For the learning rate (--lr) and the number of updates the run will make. */
  readonly optimizer: (learningRate: number, steps: number) => Optimizer
  /** Default 0.001. */
  readonly learningRate?: number
  /** Default 10. */
  readonly epochs?: number
  /** Default 32. */
  readonly batchSize?: number
  readonly metrics?: readonly Metric[]
}

/**
 * Describes a training to `gradus train FILE`; returns it as it is, checked by type.
 *
 * @example
 * ```ts no-run
 * import { Dataset } from 'gradus/data'
 * import { Adam, Linear, mse } from 'gradus/nn'
 * import { defineTraining } from 'gradus/recipes'
 *
 * export default defineTraining({
 *   model: () => new Linear(1, 1),
 *   data: () => ({ train: Dataset.of([[1], [2], [3]], [[2], [4], [6]]) }),
 *   loss: mse,
 *   optimizer: (rate) => new Adam(rate),
 *   learningRate: 0.1,
 *   epochs: 50,
 * })
 * ```
 */
export const defineTraining = (spec: TrainingSpec): TrainingSpec => spec
