/** What gates found. */
export const gates: Readonly<Record<string, string>> = {
  'Artifact {0} is pinned and unchanged.': 'Das Artefakt {0} ist festgehalten und unverändert.',
  'Artifact {0} is not proven to be what was pinned: {1}. Pin it again with `stellwerk artifact pin`.':
    'Das Artefakt {0} ist nicht als das festgehaltene erwiesen: {1}. Mit `stellwerk artifact pin` noch einmal festhalten.',
  '{0} at {1}, every digest matches': '{0} bei {1}, jeder Digest stimmt',
  '{0}: {1} could not be read ({2})': '{0}: {1} ist nicht zu lesen ({2})',
  '{0}: {1} has {2}, pinned was {3}': '{0}: {1} hat {2}, festgehalten war {3}',

  'Gate "{0}" passed: {1}.': 'Gate „{0}“ bestanden: {1}.',
  'Gate "{0}" failed: {1}.': 'Gate „{0}“ nicht bestanden: {1}.',
  'Gate "{0}" gave no evidence: {1}.': 'Gate „{0}“ gab keinen Beleg: {1}.',
  'Gate "{0}" is undecided: {1}.': 'Gate „{0}“ ist unentschieden: {1}.',
  'a signal': 'einem Signal',
  'did not end in time': 'endete nicht rechtzeitig',
  'was ended because the gates took too long': 'wurde beendet, weil die Gates zu lange brauchten',
  'was ended by {0}': 'wurde beendet von {0}',
  'this plan has no component "{0}"': 'dieser Plan hat keine Komponente „{0}“',

  'The way back of {0} in {1}: {2}.': 'Der Rückweg von {0} in {1}: {2}.',
  'Run "stellwerk rehearse -e {0} --record": it rehearses where you run it, and hands the record to this control plane (without --record nothing is handed over).':
    '„stellwerk rehearse -e {0} --record“ ausführen: geprobt wird dort, wo Sie sind, und das Ergebnis geht an diese Control Plane (ohne --record wird nichts übergeben).',
  'no rehearsal of it was handed over': 'keine Probe davon wurde übergeben',
  'rehearsed {0} ago ("{1}", {2})': 'geprobt vor {0} („{1}“, {2})',
  '{0}, but the plan has changed since': '{0}, aber der Plan hat sich seither geändert',
  '{0}, which is too long ago': '{0}, das ist zu lange her',
  'the record is of {0} in {1}': 'die Aufzeichnung ist von {0} in {1}',
  'the record of its rehearsal cannot be understood': 'die Aufzeichnung der Probe ist nicht zu verstehen',
  'the record says that it was made in the future': 'die Aufzeichnung sagt, sie sei aus der Zukunft',
  'what was rehearsed cannot be read': 'was geprobt wurde, ist nicht zu lesen',

  'A rollback of {0} returns to {1}.': 'Ein Rollback von {0} kehrt zu {1} zurück.',
  'The previous release of {0} is recorded without a pinned digest ({1}): a rollback could not prove what it returns to.':
    'Das vorige Release von {0} ist ohne festgehaltenen Digest verzeichnet ({1}): ein Rollback könnte nicht beweisen, wohin er zurückkehrt.',
  'This is the first release of {0}: there is nothing to return to, a rollback removes it.':
    'Das ist das erste Release von {0}: es gibt nichts, wohin man zurückkehren könnte, ein Rollback nimmt es weg.',
  'first release': 'erstes Release',
  '{0} at {1}': '{0} bei {1}',
  '(no digest)': '(kein Digest)',
  '(no version)': '(keine Version)',

  'All {0} variables and secrets of {1} are set.': 'Alle {0} Variablen und Geheimnisse von {1} sind gesetzt.',
  'The one variable or secret of {0} is set.': 'Die eine Variable oder das eine Geheimnis von {0} ist gesetzt.',
  'No component of {0} has variables or secrets.': 'Keine Komponente von {0} hat Variablen oder Geheimnisse.',
  '{0} is not ready: {1}.': '{0} ist nicht bereit: {1}.',
  '{0} is required, and no component has it as a variable or a secret':
    '{0} ist verlangt, und keine Komponente hat es als Variable oder Geheimnis',
  '{0} is required, and the component {1} does not have it as a variable or a secret':
    '{0} ist verlangt, und die Komponente {1} hat es nicht als Variable oder Geheimnis',
  '{0} of {1} cannot be read: {2}': '{0} von {1} ist nicht zu lesen: {2}',
  '{0} of {1} is empty': '{0} von {1} ist leer',
  '{0} set': '{0} gesetzt',
}
