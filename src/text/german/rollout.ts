/** Why a rollout stops, waits, goes on or is refused something, and what it waits for. */
export const rollout: Readonly<Record<string, string>> = {
  // What is waited for: goes on after "wartet auf".
  'another rollout to end': 'das Ende eines anderen Rollouts',
  'approval as {0}': 'Freigabe als {0}',
  'a decision: {0}': 'eine Entscheidung: {0}',
  'somebody to resume: {0}': 'jemanden, der fortsetzt: {0}',
  '{0} of {1} ready': '{0} von {1} bereit',

  // What cannot be seen, and what else is alarmed.
  'slot {0} of {1}': 'Slot {0} von {1}',
  'route of {0}': 'Route von {0}',
  'metrics of {0}': 'Metriken von {0}',
  '{0} could not be observed: {1}': '{0} war nicht zu sehen: {1}',
  'the log cannot be trusted, nothing advances: {0}': 'dem Protokoll ist nicht zu trauen, nichts geht weiter: {0}',
  'Stellwerk cannot read it: {0}': 'Stellwerk kann ihn nicht lesen: {0}',
  'Stellwerk failed to continue it, {0} times in a row: {1}': 'Stellwerk kommt nicht weiter, {0}-mal in Folge: {1}',
  'it has been due for {0} and no control plane drives it': 'seit {0} fällig, und niemand treibt ihn voran',
  'control plane': 'Control Plane',
  'not observed yet': 'noch nicht angesehen',
  'no folder': 'kein Ordner',
  '{0} MiB free at {1}': '{0} MiB frei unter {1}',
  '{0}: no release may begin; free some space': '{0}: kein Release darf beginnen; Platz schaffen',
  '{0}: the reserve is released so that releases can be taken back; none may begin; free some space':
    '{0}: die Reserve ist freigegeben, damit Releases zurückgenommen werden können; keines darf beginnen; Platz schaffen',
  messages: 'Nachrichten',
  'one message': 'eine Nachricht',
  '{0} messages': '{0} Nachrichten',
  '{0} could not be delivered, the newest by {1}: {2}. See "stellwerk notify list --dead -e {3}"; "stellwerk notify replay" sends them again, "stellwerk notify dismiss" dismisses them':
    '{0} nicht zugestellt, zuletzt über {1}: {2}. Siehe „stellwerk notify list --dead -e {3}“; „stellwerk notify replay“ sendet erneut, „stellwerk notify dismiss“ erklärt sie für erledigt',

  // What is left over.
  'it is ended as soon as no route points to it': 'wird beendet, sobald keine Route mehr darauf zeigt',
  'it is ended when {0} deploys, or ends': 'wird beendet, wenn {0} ausliefert oder endet',
  '{0} is answered for {1}, which no release in force routes; {2}':
    '{0} antwortet für {1}, wohin kein gültiges Release leitet; {2}',
  '{0} {1} ({2} in {3}, of {4}) belongs to no release in force; {5}':
    '{0} {1} ({2} in {3}, von {4}) gehört zu keinem gültigen Release; {5}',
  'one instance': 'eine Instanz',
  '{0} instances': '{0} Instanzen',
  'nobody known': 'niemand Bekanntem',

  // What is refused: goes before "verweigert".
  'an approval': 'eine Freigabe',
  'a rejection': 'eine Ablehnung',
  'a pause': 'ein Halt',
  'a continuation': 'die Fortsetzung',
  'a promotion': 'der nächste Schritt',
  'an abort': 'ein Abbruch',
  'a rollback': 'ein Rollback',
  'a resolution': 'die Auflösung',

  // What happens then.
  'it is given up': 'er wird aufgegeben',
  'it is aborted': 'Abbruch',
  'it is aborted; users stay where they are': 'Abbruch; Nutzer bleiben, wo sie sind',
  'it is rolled back': 'Rollback',
  'it is rolled back, or a person is asked where evidence is missing':
    'Rollback, oder ein Mensch wird gefragt, wenn Belege fehlen',
  'a human is called': 'ein Mensch wird gerufen',

  // Triggers.
  'an instance of {0} exited once under traffic{1}': 'eine Instanz von {0} endete unter Verkehr{1}',
  'an instance of {0} exited {1} times under traffic{2}': 'eine Instanz von {0} endete {1}-mal unter Verkehr{2}',
  'the candidate was not ready {0} looks in a row ({1})': 'der Kandidat war {0} Blicke in Folge nicht bereit ({1})',
  '{0}: {1} of {2} ready{3}': '{0}: {1} von {2} bereit{3}',
  '{0}: 0 of {1}, gone': '{0}: 0 von {1}, verschwunden',
  '{0} (rule {1}; source: {2})': '{0} (Regel {1}; Quelle: {2})',
  '{0} could not be seen for {1}, {2} looks in a row: {3}': '{0} war {1} lang nicht zu sehen, {2} Blicke in Folge: {3}',
  ', and nobody let it wait': ', und niemand sagte, dass es warten soll',
  '{0}: not seen since {1} UTC, {2}': '{0}: nicht gesehen seit {1} UTC, {2}',
  'nobody decided in time ({0})': 'niemand hat rechtzeitig entschieden ({0})',

  // Steps that fail.
  '{0} of {1} instances of {2} were ready in time': '{0} von {1} Instanzen von {2} waren rechtzeitig bereit',
  '{0} keeps exiting{1}': '{0} endet immer wieder{1}',
  '; last exit: {0}{1}': '; letztes Ende: {0}{1}',
  ', last output: {0}': ', letzte Worte: {0}',
  'exit code {0}': 'Exit-Code {0}',
  'signal {0}': 'Signal {0}',
  'the {0} slot of {1} still gets traffic for {2}; nothing was stopped':
    'der Slot {0} von {1} bekommt noch Verkehr für {2}; nichts wurde gestoppt',
  'the workers': 'die Worker',
  '{0} of live was not stopped in time{1}': '{0} von live wurde nicht rechtzeitig gestoppt{1}',
  'gate "{0}" is red: {1}': 'das Gate „{0}“ ist rot: {1}',
  'no evidence from {0} in time: {1}': 'kein rechtzeitiger Beleg von {0}: {1}',
  'nobody approved as {0} in time': 'niemand hat rechtzeitig als {0} freigegeben',
  'the migration did not end in time{0}': 'die Migration endete nicht rechtzeitig{0}',
  'the down migration did not end in time{0}': 'die Rückmigration endete nicht rechtzeitig{0}',
  'the smoke tests did not end in time{0}': 'die Smoke-Tests endeten nicht rechtzeitig{0}',
  'the smoke tests on live did not end in time{0}': 'die Smoke-Tests an live endeten nicht rechtzeitig{0}',
  'the smoke tests on {0} proved nothing: no check ran': 'die Smoke-Tests an {0} bewiesen nichts: keine Prüfung lief',
  'smoke test "{0}" on {1} is red: expected {2}, got {3} from {4}{5}':
    'Smoke-Test „{0}“ an {1} ist rot: erwartet {2}, erhalten {3} von {4}{5}',
  ' (and {0} more)': ' (und {0} weitere)',
  candidate: 'Kandidat',
  'the approval as {0} expired before users reached the candidate; deploy it again':
    'die Freigabe als {0} lief ab, bevor Nutzer auf den Kandidaten kamen; noch einmal ausliefern',
  '{0} % was not observed in time{1}': '{0} % wurde nicht rechtzeitig beobachtet{1}',
  '100 % was not observed at the end{0}': '100 % wurde am Ende nicht beobachtet{0}',
  'still not good after the longest hold: {0}': 'auch nach der längsten Stufe nicht gut: {0}',
  'not enough evidence at {0} %: {1}': 'zu wenig Belege bei {0} %: {1}',
  'nothing was observed': 'nichts wurde beobachtet',
  'no verdict': 'kein Urteil',
  '{0} cannot be seen: {1}': '{0} ist nicht zu sehen: {1}',
  'the candidate was not completely ready': 'der Kandidat war nicht ganz bereit',

  // The way back.
  'the previous version did not become ready in time{0}': 'die vorige Version wurde nicht rechtzeitig bereit{0}',
  'traffic could not be returned in time{0}': 'der Verkehr ließ sich nicht rechtzeitig zurückholen{0}',
  'the candidate could not be stopped in time{0}': 'der Kandidat ließ sich nicht rechtzeitig stoppen{0}',
  ': the router accepts the command to return users, but keeps sending them to it':
    ': der Router nimmt den Auftrag an, Nutzer zurückzuschicken, und schickt sie weiter zu ihm',
  '{0} of the previous release was not ready in time{1}': '{0} des vorigen Releases war nicht rechtzeitig bereit{1}',
  '{0} of the previous release did not come back in time{1}':
    '{0} des vorigen Releases kam nicht rechtzeitig zurück{1}',
  'the smoke tests after the rollback did not end in time{0}':
    'die Smoke-Tests nach dem Rollback endeten nicht rechtzeitig{0}',
  'nothing could be observed after the rollback in {0}{1}': 'nach dem Rollback ließ sich {0} lang nichts beobachten{1}',
  'still not good after the rollback: {0}': 'auch nach dem Rollback nicht gut: {0}',
  'still red after the rollback: {0}': 'auch nach dem Rollback rot: {0}',

  // Ends.
  'it was rolled back': 'er wurde zurückgerollt',
  'another rollout held the environment for too long': 'ein anderer Rollout hielt die Umgebung zu lange',
  'this artifact was rolled back in {0} before and is quarantined there; build a new one':
    'dieses Artefakt wurde in {0} schon zurückgerollt und steht dort unter Quarantäne; ein neues bauen',
  '{0}. It was the first release: nothing serves but the maintenance page.':
    '{0}. Es war das erste Release: nur die Wartungsseite wird gezeigt.',
  '{0}. Recovery target missed: traffic was back after {1}, later than the {2} of rollback.targets.rto':
    '{0}. Wiederherstellungsziel verfehlt: der Verkehr war nach {1} zurück, später als die {2} aus rollback.targets.rto',
  'Look at "stellwerk status" and "stellwerk logs"; {0}. Then "stellwerk rollback {1}" tries again, or "stellwerk resolve {2}" records that you put it right.':
    '„stellwerk status“ und „stellwerk logs“ ansehen; {0}. Dann versucht „stellwerk rollback {1}“ es noch einmal, oder „stellwerk resolve {2}“ hält fest, dass Sie es in Ordnung gebracht haben.',
  'the {0} slot should serve {1}': 'der Slot {0} sollte {1} bedienen',
  'there is no previous version': 'es gibt keine vorige Version',
  'nobody drove this rollout for a while, or the clock jumped':
    'eine Weile trieb niemand diesen Rollout an, oder die Uhr sprang',
  'the clock went backwards': 'die Uhr ging rückwärts',

  // What people ask for, and what they are refused.
  'rejected by {0}: {1}': 'abgelehnt von {0}: {1}',
  'aborted by {0}: {1}': 'abgebrochen von {0}: {1}',
  'aborted by {0} in the queue: {1}': 'in der Warteschlange abgebrochen von {0}: {1}',
  'rolled back by hand': 'von Hand zurückgerollt',
  'rolled back for an incident': 'wegen einer Störung zurückgerollt',
  'rolled back for a security finding': 'wegen eines Sicherheitsbefunds zurückgerollt',
  'it was paused for {0}': 'er war {0} angehalten',
  'this rollout does not wait for approvals now': 'dieser Rollout wartet gerade nicht auf Freigaben',
  'it is paused already, by {0}: {1}': 'er ist schon angehalten, von {0}: {1}',
  'it is not paused': 'er ist nicht angehalten',
  'there is no hold to shorten in "{0}"': 'in „{0}“ gibt es keine Stufe, die sich kürzen ließe',
  'it does not need a human': 'er braucht keinen Menschen',
  'another rollout holds the environment; roll that one back instead':
    'ein anderer Rollout hält die Umgebung; stattdessen diesen zurückrollen',
  'its rollback window is closed: the previous version is no longer standing by; deploy the earlier release again':
    'sein Rollback-Fenster ist geschlossen: die vorige Version steht nicht mehr bereit; das frühere Release noch einmal ausliefern',
  'it is already being rolled back': 'er wird schon zurückgerollt',
  'it has ended: {0}': 'er ist zu Ende: {0}',
  'it is {0}': 'er ist {0}',
  'the policy in force here was changed after this release was planned; request it again':
    'die Richtlinie dieser Umgebung wurde geändert, nachdem dieses Release geplant war; neu anfordern',
  'there is nothing to approve': 'es gibt nichts freizugeben',
  'what was shown is not what is waiting here: {0}; look again and approve that':
    'was gezeigt wurde, ist nicht, was hier wartet: {0}; noch einmal ansehen und das freigeben',
  'the {0} (shown {1}, waiting {2})': '{0} (gezeigt {1}, wartend {2})',
  rollout: 'Rollout',
  artifact: 'Artefakt',
  plan: 'Plan',
  'whoever requested a release does not approve it (four eyes)':
    'wer ein Release angefordert hat, gibt es nicht frei (vier Augen)',
  'an author of the release does not approve it (four eyes)': 'ein Autor des Releases gibt es nicht frei (vier Augen)',
  'no open approval asks for a role that you hold': 'keine offene Freigabe verlangt eine Rolle, die Sie haben',
  'this approval asks for the role "{0}", which you do not hold':
    'diese Freigabe verlangt die Rolle „{0}“, die Sie nicht haben',
}
