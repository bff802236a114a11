// Explaining: what a decision hangs on, how little it takes to change it, and how to learn without forgetting.
export { type AttackOptions, type PgdOptions, fgsm, pgd } from './adversarial.ts'
export { type AttentionMap, attentionMaps } from './attention-maps.ts'
export { type GradCamOptions, type IntegratedGradientsOptions, type SaliencyOptions, gradCam, integratedGradients, saliency } from './attributions.ts'
export { type Anchor, type FisherOptions, type Forgetting, Reservoir, anchorOf, ewcPenalty, fisherDiagonal, forgetting } from './continual.ts'
export { type TokenContributionOptions, tokenContributions } from './token-contributions.ts'
export type { Target } from './scores.ts'
