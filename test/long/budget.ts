/** What `npm run test:long` was told: a seed, so that a failure can be had again, and how long each test may take. */
export const SEED = Number(process.env['STELLWERK_LONG_SEED'] ?? 1)
export const MINUTES = Number(process.env['STELLWERK_LONG_MINUTES'] ?? 1)
