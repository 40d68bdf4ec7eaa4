export type { Artifact } from './core/artifact.ts'
export type { Plan } from './core/plan.ts'
export type { Verdict } from './core/verdict.ts'
