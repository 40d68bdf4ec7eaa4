/**
 * Events of earlier versions in today's words. The log keeps what was written, word for word, since proofs cover it; whoever
 * folds or shows a stream reads its events through this. A word is renamed here once more, or never: nothing of this goes.
 *
 * 0.1.0 said `TurnCame` (`RolloutAdmitted`), `Blindness…` (`NoData…`), `damp` (`mitigate`), `blindForMs` (`noDataForMs`),
 * `blind` (`no-data`), and the track `back` (`rollback`).
 */

type Fields = Readonly<Record<string, unknown>>
type Written = { readonly type: string; readonly data: unknown }

const TYPES: Readonly<Record<string, string>> = {
  TurnCame: 'RolloutAdmitted',
  BlindnessFound: 'NoDataFound',
  BlindnessAnswered: 'NoDataAnswered',
  BlindnessEnded: 'NoDataEnded',
}

const WORDS: Readonly<Record<string, string>> = {
  damp: 'mitigate',
  Damp: 'Mitigate',
  blind: 'no-data',
  back: 'rollback',
}

const READ: Readonly<Record<string, (data: Fields) => Fields>> = {
  RolloutRequested: (data) => ({ ...data, plan: planToday(data['plan'] as Fields) }),
  StepStarted: (data) => ({ ...data, track: word(data['track']), step: kindToday(data['step'] as Fields) }),
  StepFinished: (data) => ({ ...data, track: word(data['track']), kind: word(data['kind']) }),
  CommandIssued: (data) => ({ ...data, command: commandToday(data['command'] as Fields) }),
  RollbackTriggered: (data) => ({
    ...data,
    cause: word(data['cause']),
    steps: (data['steps'] as readonly Fields[]).map(kindToday),
  }),
  Aborted: (data) => ({ ...data, cause: word(data['cause']) }),
  PolicySet: (data) => ({ ...data, policy: policyToday(data['policy'] as Fields) }),
}

/** The same event; the very object where nothing was renamed. */
export function inTodaysWords<E extends Written>(event: E): E {
  const type = TYPES[event.type] ?? event.type
  const read = READ[type]
  if (type === event.type && !read) return event
  return { ...event, type, data: read ? read(event.data as Fields) : event.data }
}

function word(old: unknown): unknown {
  return (typeof old === 'string' && WORDS[old]) || old
}

function kindToday(step: Fields): Fields {
  return { ...step, kind: word(step['kind']) }
}

function planToday(plan: Fields): Fields {
  const { damp, mitigate = damp ?? [], timings, notify, ...rest } = plan
  const routes = (notify as readonly Fields[] | undefined)?.map((route) => ({
    ...route,
    on: (route['on'] as readonly string[]).map(word),
  }))
  return {
    ...rest,
    mitigate,
    ...(timings ? { timings: noDataToday(timings as Fields) } : {}),
    ...(routes && { notify: routes }),
  }
}

function policyToday(policy: Fields): Fields {
  return { ...policy, analysis: noDataToday(policy['analysis'] as Fields) }
}

function noDataToday({ blindForMs, ...rest }: Fields): Fields {
  return blindForMs === undefined ? rest : { ...rest, noDataForMs: blindForMs }
}

function commandToday(command: Fields): Fields {
  const message = command['message'] as Fields | undefined
  if (message === undefined) return { ...command, type: word(command['type']) }
  return { ...command, message: { ...message, event: word(message['event']) } }
}
