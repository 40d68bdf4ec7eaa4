/** What people are told by `notify`, and what serves. */
export const messages: Readonly<Record<string, string>> = {
  '{0} {1} in {2}: {3}': '{0} {1} in {2}: {3}',
  'has started': 'hat begonnen',
  'Requested by {0}.': 'Angefordert von {0}.',
  'waits for approval': 'wartet auf Freigabe',
  'It weakens the policy in force here. ': 'Es schwächt die Richtlinie, die für diese Umgebung gilt. ',
  'Wanted: {0}. {1}Look at it and approve it: stellwerk approve {2} --plan {3}':
    'Gefragt: {0}. {1}Ansehen und freigeben: stellwerk approve {2} --plan {3}',
  'waits for a decision': 'wartet auf eine Entscheidung',
  'is held, live suffers as well': 'ist angehalten, auch live leidet',
  'Look for what both share, such as the database or a provider. The release waits meanwhile; `stellwerk rollback` takes it back anyway.':
    'Nach dem suchen, was beide teilen, etwa Datenbank oder Provider. Das Release wartet so lange; `stellwerk rollback` nimmt es trotzdem zurück.',
  'is no longer held by what live suffered from': 'ist nicht länger angehalten, live hat sich erholt',
  'It lasted {0}, and does not count against the release.': 'Es dauerte {0} und zählt nicht gegen das Release.',
  'has lost its control share, live is down': 'hat niemanden mehr zum Vergleichen, live ist ausgefallen',
  "Nothing of live's {0} is ready any more, so that the {1} % of users on live come over to the candidate before the bake ends. There is nothing to compare with, nor to go back to: when the bake's time is up, a person is asked. Find out why live went down: `stellwerk logs`.":
    'Von {0} auf live ist nichts mehr bereit, deshalb kommen die {1} % der Nutzer, die auf live waren, zum Kandidaten, bevor die Beobachtung endet. Es gibt nichts zu vergleichen und nichts, wohin man zurückkehren könnte: Ist die Zeit um, wird jemand gefragt. Herausfinden, warum live ausfiel: `stellwerk logs`.',
  'is held, it cannot be observed': 'ist angehalten, sein Zustand ist nicht zu sehen',
  '{0}. Unless this is seen again, it is rolled back at {1} UTC. To let it wait anyway: `stellwerk resume {2}`.':
    '{0}. Ist das nicht wieder zu sehen, wird es um {1} UTC zurückgerollt. Soll es trotzdem warten: `stellwerk resume {2}`.',
  'can be seen again': 'ist wieder zu sehen',
  'It lasted {0}.': 'Es dauerte {0}.',
  'is live, but serves nobody': 'ist live und bedient niemanden',
  'is live, but not well': 'ist live, und es geht ihm nicht gut',
  'Since {0} UTC: {1}. See `stellwerk status` and `stellwerk logs`; `stellwerk rollback {2}` returns to the previous release while that is on standby.':
    'Seit {0} UTC: {1}. Siehe `stellwerk status` und `stellwerk logs`; `stellwerk rollback {2}` kehrt zum vorigen Release zurück, solange das bereitsteht.',
  'is well again': 'ist wieder gesund',
  'It was unwell for {0}.': 'Das war es {0} lang nicht.',
  'Stellwerk no longer trusts its log': 'Stellwerk traut seinem Protokoll nicht mehr',
  '{0}. Somebody may have changed the database. Stopped: {1}. Still working: what serves, and every way back (`stellwerk rollback {2}`). To do: find out what changed (`stellwerk audit verify`), put the database right (tables beside the log: `stellwerk rebuild`) and start the control plane again, or accept the log as it is, in your name (`stellwerk up --accept-log REASON --by PERSON`).':
    '{0}. Vielleicht hat jemand die Datenbank geändert. Gestoppt: {1}. Weiter läuft: was Nutzer bedient, und jeder Weg zurück (`stellwerk rollback {2}`). Zu tun: herausfinden, was sich geändert hat (`stellwerk audit verify`), die Datenbank richtigstellen (was neben dem Protokoll steht: `stellwerk rebuild`) und die Control Plane neu starten, oder das Protokoll mit Namen annehmen, wie es ist (`stellwerk up --accept-log REASON --by PERSON`).',
  'nothing is signed, and no release begins': 'nichts wird signiert, und kein Release beginnt',
  '{0}; this one is held where it is, except on its way back':
    '{0}; dieses bleibt angehalten, wo es ist, außer auf dem Weg zurück',
  'Stellwerk trusts its log again': 'Stellwerk traut seinem Protokoll wieder',
  'Releases continue from where they were held.': 'Releases gehen dort weiter, wo sie angehalten wurden.',
  'is being rolled back': 'wird zurückgerollt',
  'is live': 'ist live',
  'Every step passed.': 'Alle Schritte sind bestanden.',
  'was stopped before any traffic': 'wurde gestoppt, bevor es Verkehr bekam',
  'was rolled back': 'wurde zurückgerollt',
  'needs a human': 'braucht einen Menschen',
  'TEST: {0} in {1}: a test message as for "{2}"': 'TEST: {0} in {1}: eine Testnachricht wie bei „{2}“',
  'Sent by "stellwerk notify test" to see whether it arrives. Nothing happened, and there is nothing to do.':
    'Gesendet von „stellwerk notify test“, um zu sehen, ob sie ankommt. Es ist nichts passiert, und es ist nichts zu tun.',
  'unchanged: this is a test': 'unverändert: das ist ein Test',

  // In a plan.
  '{0}, in German': '{0}, auf Deutsch',

  // What channels add.
  'Serving now: {0}': 'Nutzer bedient jetzt: {0}',
  'rollout {0}': 'Rollout {0}',
  '(shortened, {0} more characters)': '(gekürzt, {0} weitere Zeichen)',

  // What serves, and in what it is not as it should be.
  'no component gets traffic': 'keine Komponente bekommt Verkehr',
  '{0}, last seen before this release': '{0}, zuletzt gesehen vor diesem Release',
  'nothing was released here before': 'hier gab es noch kein Release',
  'maintenance page': 'Wartungsseite',
  'unknown version': 'unbekannte Version',
  'an unknown version': 'eine unbekannte Version',
  'the route knows no instance of {0}': 'die Route kennt keine Instanz von {0}',
  'the maintenance page is shown to everybody': 'alle sehen die Wartungsseite',
  'the maintenance page is desired, but not shown': 'die Wartungsseite ist gewollt und wird nicht gezeigt',
  'no route is in force: desired blue {0} % and green {1} %':
    'keine Route gilt: gewollt sind blue {0} % und green {1} %',
  'desired blue {0} % and green {1} %, observed otherwise':
    'gewollt sind blue {0} % und green {1} %, beobachtet wird anderes',
  'nothing of {0} runs in {1}': 'von {0} läuft nichts in {1}',
  '{0} keeps exiting, {1}{2}': '{0} beendet sich immer wieder, {1}{2}',
  '{0} runs {1} of {2}, put there by {3} and not by {4}':
    'in {0} läuft {1} von {2}, dorthin gebracht von {3} und nicht von {4}',
  '{0} runs {1} of {2}, desired {3}': 'in {0} läuft {1} von {2}, gewollt ist {3}',
}
