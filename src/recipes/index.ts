// Recipes: what `gradus train NAME` runs.
import { digits } from './digits.ts'
import { fashion } from './fashion.ts'
import type { Recipe } from './plan.ts'

export { type ModelPlan, type Recipe, type TrainingSpec, defineTraining } from './plan.ts'
export { type Ready, type RunChoices, type RunOptions, type RunResult, loadRun, modelPlan, runRecipe, settingsOf } from './run.ts'
export { type RunSettings, readSettings } from './settings.ts'

/** The built-in recipes by name. */
export const recipes: Readonly<Record<string, Recipe>> = { digits, fashion }
