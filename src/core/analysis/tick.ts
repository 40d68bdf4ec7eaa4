import type { EventData } from '../rollout/events.ts'

/** One tick of counts of one component: what the analysis is fed, as the log keeps it. */
export type MetricsTick = EventData<'MetricsObserved'>
