import type { Cause } from '../core/rollout/state.ts'
import { saidOr } from '../core/say.ts'
import { deRebuild } from './rebuild.ts'
import { deDoctor } from './doctor.ts'
import { german } from './german.ts'
import type { EventMessages, Labels, Messages } from './messages.ts'
import { deIncident } from './incident.ts'
import { deNotify } from './notify.ts'
import { dePolicy } from './policy.ts'
import { deStep, stepPhases } from './steps.ts'

const phases: Messages['phases'] = {
  requested: 'angefordert',
  queued: 'in der Warteschlange',
  finalized: 'abgeschlossen',
  aborting: 'bricht ab',
  aborted: 'abgebrochen',
  'rolled-back': 'zurückgerollt',
  'needs-human': 'braucht einen Menschen',
  resolved: 'von einem Menschen gelöst',
  ...stepPhases('de'),
}

const FAILURES: Readonly<Record<string, string>> = {
  transient: 'vorübergehend',
  permanent: 'endgültig',
  unknown: 'Ausgang ungewiss',
}

const CAUSES: Readonly<Record<Cause, string>> = {
  limit: 'Grenzwert',
  health: 'Zustand',
  smoke: 'Smoke-Tests',
  route: 'Route',
  deadline: 'Frist',
  undecided: 'unentschieden',
  'no-data': 'keine Daten',
  person: 'Mensch',
  incident: 'Störung',
  'security-finding': 'Sicherheitsbefund',
  gate: 'Gate',
  rejected: 'abgelehnt',
  start: 'Start',
  migration: 'Migration',
  policy: 'Policy',
}

/** A word of an earlier or a later version stands as it is. */
function wordOf(words: Readonly<Record<string, string>>, word: string): string {
  return words[word] ?? word
}

const events: EventMessages = {
  requested: (version, environment, by) => `${by} fordert ${version} in ${environment} an`,
  queued: (behind, until) => `wartet hinter ${behind}, höchstens bis ${until}`,
  admitted: (live) => (live === null ? 'gestartet; hier ist noch nichts live' : `gestartet; live ist ${live}`),
  stepStarted: (what, until) => `→ ${what} (spätestens bis ${until})`,
  stepFinished: (what) => `✓ ${what}`,
  rollbackStepStarted: (what) => `← ${what}`,
  extended: (until, reason) => `Frist verschoben auf ${until}: ${reason}`,
  commandFailed: (kind, message) => `! ${wordOf(FAILURES, kind)}: ${message}`,
  slot: (component, slot, ready, desired) =>
    `${component} ${slot}: ${desired === 0 ? 'gestoppt' : `${ready} von ${desired} bereit`}`,
  route: (component, blue, green) => `Verkehr von ${component}, beobachtet: blue ${blue} %, green ${green} %`,
  maintenance: (component) => `Verkehr von ${component}, beobachtet: Wartungsseite`,
  gate: (gate, outcome, text) => `Gate ${gate}: ${outcome}: ${text}`,
  smoke: (target, passed, total) =>
    `Smoke-Tests ${target === 'candidate' ? 'des Kandidaten' : `von ${target}`}: ${passed} von ${total} bestanden`,
  smokeFailed: (name, expected, actual) => `✗ ${name}: erwartet ${expected}, erhalten ${actual}`,
  approved: (role, by) => `${by} gibt frei als ${role}`,
  rejected: (by, reason) => `${by} lehnt ab: ${reason}`,
  refused: (by, request, reason) => `${by} wurde ${request} verweigert: ${reason}`,
  paused: (by, reason) => `${by} hält an: ${reason}`,
  resumed: (by) => `${by} setzt fort`,
  sharedCause: (why) => `angehalten und eskaliert, denn auch live ist betroffen: ${why}`,
  'no-data': (what, until) =>
    `KEINE DATEN, angehalten, Leute sind gerufen: ${what}; wird um ${until} zurückgerollt, wenn niemand fortsetzt`,
  noDataAnswered: (by, what) => `${by} lässt trotzdem warten, obwohl nichts zu sehen ist: ${what}`,
  noDataEnded: (lasted) => `sieht wieder, nach ${lasted}`,
  unwell: (what) => `LIVE IST NICHT IN ORDNUNG, Leute sind gerufen: ${what}`,
  logDoubted: (why) => `STELLWERK TRAUT SEINEM PROTOKOLL NICHT MEHR, Leute sind gerufen: ${why}`,
  logTrusted: 'Stellwerk traut seinem Protokoll wieder',
  unwellEnded: (lasted) => `live ist wieder in Ordnung, nach ${lasted}`,
  sharedCauseEnded: (lasted) => `live hat sich erholt, nach ${lasted}`,
  controlLost: (component, share) =>
    `LIVE IST AUSGEFALLEN (${component}), Leute sind gerufen: die ${share} % auf live kommen herüber, bevor die Beobachtung endet`,
  promoted: (by) => `${by} beendet das Halten`,
  rollback: (mode, cause, text) => `${mode === 'abort' ? 'ABBRUCH' : 'ROLLBACK'} (${wordOf(CAUSES, cause)}): ${text}`,
  finalized: (slot, until, previous) =>
    `abgeschlossen: ${slot} ist live${until === null ? '' : `; ${previous ?? 'die vorige Version'} bleibt warm bis ${until}`}`,
  windowClosed: 'das Rollback-Fenster ist geschlossen',
  nothingBefore: 'das war das erste Release: es gibt keine Version, zu der man zurückkehren könnte',
  aborted: (reason) => `abgebrochen: ${reason}`,
  rolledBack: (reason, trafficBack) =>
    `zurückgerollt${trafficBack ? `, Verkehr zurück nach ${trafficBack}` : ''}: ${reason}`,
  needsHuman: (reason, todo) => `BRAUCHT EINEN MENSCHEN: ${reason}; zu tun: ${todo}`,
  resolved: (by, note) => `${by} hat es gelöst: ${note}`,
  timeShifted: (by, reason) => `alle Fristen verschieben sich um ${by}: ${reason}`,
}

const labels: Labels = {
  service: 'DIENST',
  environment: 'UMGEBUNG',
  component: 'KOMPONENTE',
  serving: 'BEDIENT JETZT',
  desired: 'SOLL',
  rollout: 'ROLLOUT',
  version: 'VERSION',
  phase: 'PHASE',
  requested: 'ANGEFORDERT',
  by: 'VON',
  alarm: 'Alarm',
  leftover: 'übrig:',
  why: 'Grund',
  ready: 'bereit',
  elapsed: 'seit',
  queue: 'wartend',
  noEnvironments: 'Es wurde noch nichts ausgeliefert.',
  noRollouts: 'Keine Rollouts.',
}

export const de: Messages = {
  phases,
  outcomes: { pass: 'bestanden', fail: 'verfehlt', inconclusive: 'unentschieden', 'no-evidence': 'kein Beleg' },
  told: (said, text) => german(saidOr(said, text)),
  tell: german,
  step: deStep,
  events,
  summary: {
    rollout: 'Rollout',
    state: 'Stand',
    serving: 'Aktiv ist',
    by: 'Angefordert von',
    run: 'CI-Lauf',
    took: 'Dauer',
    why: 'Warum',
    verdict: 'Urteil',
  },
  labels,
  wait: ({ said }) => ({ what: german(said.for), next: german(said.then) }),
  waiting: (what, since, until, next) =>
    `wartet auf ${what}, seit ${since}${until ? `, bis ${until}` : ''}; dann: ${next}`,
  goesOnWith: (command) => `weiter mit: ${command}`,
  nowServing: (text) => `Jetzt bedient: ${text}`,
  nothingServes: 'nichts',
  paused: (by, reason) => `angehalten von ${by}: ${reason}`,
  ends: {
    done: (version, environment) => `Abgeschlossen: Nutzer von ${environment} sind auf ${version}.`,
    failed: (version, environment) =>
      `Fehlgeschlagen: ${version} kam nicht nach ${environment}; für Nutzer änderte sich nichts.`,
    gate: (version, environment) =>
      `Von einem Gate gehalten: ${version} kam nicht nach ${environment}; für Nutzer änderte sich nichts.`,
    approval: (version, environment) => `Wartet auf Freigabe: ${version} in ${environment} geht danach weiter.`,
    rolledBack: (version, environment) =>
      `Zurückgerollt: Nutzer von ${environment} sind auf der vorigen Version, nicht auf ${version}.`,
    needsHuman: (version, environment) =>
      `Braucht einen Menschen: der Rollback von ${version} in ${environment} kam nicht zu Ende.`,
    held: (version, environment) => `In ${environment} läuft ein anderer Rollout; ${version} hat nicht begonnen.`,
  },
  lastLines: (instance) => `Die letzten Zeilen von ${instance}:`,
  moreLines: (command) => `Mehr davon: ${command}`,
  noLines: (rollout) => `Keine Instanz von ${rollout} hat etwas ausgegeben, was noch da ist.`,
  detached: (rollout) => `Abgekoppelt; der Rollout ${rollout} läuft weiter.`,
  timedOut: (rollout, limit) => `Nach ${limit} nicht länger zugesehen; der Rollout ${rollout} läuft weiter.`,
  followAgain: (command) => `  wieder verfolgen: ${command}`,
  stopIt: (command) => `  stoppen:          ${command}`,
  lost: (why) => `Control Plane nicht erreichbar (${why}); der Rollout läuft weiter, neuer Versuch …`,
  backAgain: 'die Control Plane ist wieder da',
  confirm: (version, environment) => `${version} nach ${environment} ausliefern? [j/N] `,
  started: (rollout) => `Rollout ${rollout}; von überall zu verfolgen: stellwerk watch ${rollout}`,
  rehearsal: {
    head: (scenario) => `Probe, die nichts berührt: ${scenario}`,
    summary: ({ took, wall, seed, serves, requests, bad, lost }) =>
      `${took} simuliert in ${wall} (Seed ${seed}): ${requests} Anfragen, ${bad} mit 5xx beantwortet, ${lost} verloren; am Ende bedient ${serves}.`,
    handedOver: (where, by) => `Die Control Plane weiß jetzt: Der Rückweg von ${where} wurde geprobt, von ${by}.`,
    notHandedOver: 'Das Gate rollback-rehearsed weiß nichts von dieser Probe; --record übergibt sie.',
    nothingProven:
      'Nichts wurde übergeben: Keine Version ging wie erwartet auf dem Rückweg zurück, den der Plan hat. Ohne --scenario wird auch eine schlechte Version geprobt; ein `tick` im Szenario macht daraus einen anderen Plan.',
    unexpected: 'Es ging nicht aus, wie das Szenario erwartet:',
  },
  policy: dePolicy,
  notify: deNotify,
  incident: deIncident,
  doctor: deDoctor,
  rebuild: deRebuild,
  nothingToUndo: 'nichts zurückzunehmen',
  firstRelease:
    'Das erste Release hier: Noch ist nichts live, also gibt es nichts zu vergleichen und keinen Verkehr aufzuteilen.',
  sees: (component, traffic) => `Was jeder Schritt von ${component} sieht (${traffic})`,
  more: (count) => `… ${count} weitere`,
  worthALook: 'Einen Blick wert',
  declined: 'Nicht gestartet; für Nutzer änderte sich nichts.',
  ago: (duration) => `vor ${duration}`,
  inTime: (duration) => `in ${duration}`,
  setChange: ({ component, kind, from, to }) =>
    ({
      new: `${component} ist hier neu: niemand zum Teilen${to ? `, also sind alle Nutzer von ${to} vom ersten Anteil an darauf; ein Rollback schließt ${to}` : '; ein Rollback hält es an'}`,
      late: `${component} ist hier neu und öffnet mit dem Schritt auf 100 %, unter ${to}, das bis dahin jemand anders hat`,
      'takes-over': `${component} übernimmt ${to} von ${from}: Nutzer werden zwischen beiden geteilt; ein Rollback gibt es zurück`,
      moves: `${component} zieht mit dem Schritt auf 100 % von ${from} nach ${to}; ein Rollback zieht es zurück`,
      'route-goes': `${component} hat keinen Router mehr: ${from} schließt mit dem Schritt auf 100 %; ein Rollback öffnet es wieder`,
      removed: `${component} gehört nicht mehr dazu${from ? `: ${from} schließt mit dem Schritt auf 100 %` : ''}; die Instanzen bleiben für einen Rollback bis zum Ende des Fensters`,
      instances: `${component} hat ${to} statt ${from} Instanzen`,
      platform: `${component} läuft auf ${to} statt auf ${from}`,
    })[kind],
  alarm: (kind, what, since, why) =>
    ({
      'no-data': `${what}: keine Daten seit ${since}: ${why}`,
      unwell: `${what}: nicht in Ordnung seit ${since}: ${why}`,
      'not-driven': `${what}: steht still seit ${since}: ${why}`,
      disk: `${what}: Platte fast voll seit ${since}: ${why}`,
      undelivered: `nicht zugestellt seit ${since}: ${why}`,
    })[kind],
  alarmUntil: (until) => `; wird um ${until} zurückgerollt`,
  left: (duration) => ` (noch ${duration})`,
}
