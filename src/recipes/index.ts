// Recipes: what `gradus train NAME` runs.
import { cifar10 } from './cifar10.ts'
import { digits } from './digits.ts'
import { fashion } from './fashion.ts'
import type { Recipe } from './plan.ts'
import { bert } from './text/bert.ts'
import { chars } from './text/chars.ts'
import { translate } from './text/translate.ts'

export { readAssets } from './assets.ts'
export { type Assets, type DataOptions, type ModelPlan, type PictureForm, type PretrainChoices, type Reader, type Recipe, type RecipeData, type RecipeOption, type Score, type Setting, type TextAnswer, type TextContributions, type TextMap, type TextMaps, type TrainingSpec, type Translator, type WriteOptions, type Writer, defineTraining } from './plan.ts'
export { type Ready, type RunChoices, type RunOptions, type RunResult, loadRun, modelPlan, runRecipe, settingsOf, whereData } from './run.ts'
export { type RunSettings, readSettings } from './settings.ts'

/** The built-in recipes by name. */
export const recipes: Readonly<Record<string, Recipe>> = { digits, fashion, cifar10, chars, translate, bert }
