/** A plan, and what it changes of the policy. */
export const plan: Readonly<Record<string, string>> = {
  'What changes here': 'Was sich hier ändert',
  'Components, in the order in which they are deployed': 'Komponenten, in der Reihenfolge des Deployments',
  'Configuration, by name': 'Konfiguration, nach Namen',
  Gates: 'Gates',
  Approvals: 'Freigaben',
  Migration: 'Migration',
  'Smoke tests': 'Smoke-Tests',
  'Judged by': 'Beurteilt nach',
  Steps: 'Schritte',
  'The way back, from step': 'Der Rückweg, ab Schritt',
  'No data while users are on the candidate': 'Keine Daten, während Nutzer auf dem Kandidaten sind',
  Notified: 'Benachrichtigt',
  commit: 'Commit',
  build: 'Build',
  plan: 'Plan',
  flag: 'Flag',
  'no traffic': 'kein Verkehr',
  '{0} (secret, {1})': '{0} (Geheimnis, {1})',
  '{0} (secret in {1})': '{0} (Geheimnis in {1})',
  'waits for the approvals': 'wartet auf die Freigaben',
  'whoever holds {0}': 'wer die Rolle {0} hat',
  '{0} or {1}': '{0} oder {1}',
  'by {0}': 'durch: {0}',
  'by {0}, demanded by the policy in force': 'durch: {0}; verlangt von der geltenden Richtlinie',
  expand: 'hin (expand)',
  back: 'zurück',
  'none: the change stays after a rollback and must suit the previous release':
    'keiner: Die Änderung bleibt nach einem Rollback und muss zum vorigen Release passen',
  '{0}, dry run': '{0}, Dry-Run',
  'at least {0} answered by the candidate in every step': 'mindestens {0} vom Kandidaten beantwortet, in jedem Schritt',
  'warm-up': 'Aufwärmen',
  patience: 'Geduld',
  'not compared with live for {0} after its first users': 'nach den ersten Nutzern {0} lang nicht mit live verglichen',
  routes: 'Routen',
  'none is judged by itself': 'keine wird einzeln beurteilt',
  'judged by themselves as well: {0}': 'auch einzeln beurteilt: {0}',
  '{0} with the most requests': '{0} mit den meisten Anfragen',
  '{0}, and the {1} others with the most requests': '{0} und die {1} anderen mit den meisten Anfragen',
  'a difference from live goes back at once': 'ein Unterschied zu live führt sofort zum Rollback',
  'a difference from live that breaks no limit is held for {0}, then goes back if the newest requests still show it':
    'ein Unterschied zu live, der keine Grenze verletzt, wird {0} lang angehalten, dann Rollback, wenn die neuesten Anfragen ihn noch zeigen',
  'platform, router': 'Plattform, Router',
  'platform, router, metrics': 'Plattform, Router, Metriken',
  metrics: 'Metriken',
  'rolled back after {0}': 'zurückgerollt nach {0}',
  '{0}; a first release, which has nothing to go back to, like metrics':
    '{0}; ein erstes Release, das kein Zurück hat, wie bei Metriken',
  'held, people are called, rolled back after {0} unless somebody resumes it':
    'angehalten, Leute werden gerufen, zurückgerollt nach {0}, wenn niemand fortsetzt',
  'within {0}': 'binnen {0}',
  'up to {0} if evidence is missing': 'bis zu {0}, wenn Belege fehlen',
  'the previous release stays warm for {0}': 'das vorige Release bleibt {0} warm',
  'target: users are back within {0}': 'Ziel: Nutzer sind binnen {0} zurück',

  // Rules.
  'at most {0}': 'höchstens {0}',
  'at least {0}': 'mindestens {0}',
  'rolled back when nothing is logged for {0}': 'zurückgerollt, wenn {0} lang nichts geloggt wird',
  'rolled back when more than {0} above {1} for {2}': 'zurückgerollt, wenn {2} lang mehr als {0} über {1}',
  'live before the first shift': 'live vor der ersten Verlagerung',
  'rolled back when worse than live by more than {0}, or than {1}, beyond chance':
    'zurückgerollt, wenn um mehr als {0} schlechter als live, oder als {1}, und das kein Zufall ist',
  'rolled back {0} {1} for {2}': 'zurückgerollt, wenn {2} lang {0} {1}',
  '{0}; rolled back beyond for {1}': '{0}; zurückgerollt, wenn {1} lang darüber hinaus',
  'rolled back when never above 0 for {0}': 'zurückgerollt, wenn {0} lang nie über 0',

  '{0}; not this first release, which has nothing to compare with':
    '{0}; nicht dieses erste Release, das nichts zum Vergleichen hat',

  // What the steps see.
  declared: 'angegeben',
  'measured since {0} UTC': 'gemessen seit {0} UTC',
  '{0} requests/s, {1} errors, {2}': '{0} Anfragen/s, {1} Fehler, {2}',

  // A confirmation.
  'Not shown here: {0}. The whole plan:': 'Hier nicht gezeigt: {0}. Der ganze Plan:',
  'What each step can see': 'Was jeder Schritt sieht',
}
