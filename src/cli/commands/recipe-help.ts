// gradus train NAME --help: the networks of one task, how they are trained by default, and the task's own options.
import { type Recipe, recipes } from '../../recipes/index.ts'

/** The help of a built-in task; null: there is none of this name. */
export function recipeHelp(name: string): string | null {
  const recipe: Recipe | undefined = Object.hasOwn(recipes, name) ? recipes[name] : undefined
  if (recipe === undefined) return null
  const models = Object.entries(recipe.models).map(([model, plan], i) => [`  ${model}${i === 0 ? ' (default)' : ''}`, `${plan.about}; ${plan.epochs} epochs, batches of ${plan.batchSize}, learning rate ${plan.learningRate}`] as const)
  const options = Object.entries(recipe.options ?? {}).map(([option, { about, choices, default: value }]) => [`  --${option} <${choices?.join('|') ?? (typeof value === 'number' ? 'n' : 'file')}>`, `${about}${value === '' ? '' : ` (default ${value})`}`] as const)
  const wide = Math.max(...[...models, ...options].map(([left]) => left.length)) + 2
  const lines = (list: readonly (readonly [string, string])[]): string => list.map(([left, right]) => `${left.padEnd(wide)}${right}`).join('\n')
  return [
    `Usage: gradus train ${name}${recipe.source === undefined ? '' : ' FILE'} [options]`, `${recipe.about[0]!.toUpperCase()}${recipe.about.slice(1)}.${recipe.source === undefined ? '' : ` FILE: ${recipe.source}.`}`,
    `Networks (--model):\n${lines(models)}`,
    ...(options.length === 0 ? [] : [`Options of this task:\n${lines(options)}`]),
    'The options of every training (--epochs, --batch, --lr, --seed, --device, --out, --resume …): gradus train --help\n',
  ].join('\n\n')
}
