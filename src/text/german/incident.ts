/** The verbs of incidents. */
export const incident: Readonly<Record<string, string>> = {
  'Show incidents, say that you look after one, and that it is over':
    'Störungen zeigen, eine übernehmen, eine als behoben melden',
  'The incident; "stellwerk incident list" shows the open ones':
    'Die Störung; „stellwerk incident list“ zeigt die offenen',
  'live is not well: {0}': 'live ist nicht in Ordnung: {0}',
  'the log of the control plane cannot be trusted: {0}': 'dem Protokoll der Control Plane ist nicht zu trauen: {0}',
  'it was resolved already, by {0}: {1}': 'sie wurde schon behoben, von {0}: {1}',
  'List incidents that nobody has resolved, newest first':
    'Störungen auflisten, die nicht behoben sind, neueste zuerst',
  'Also those that are resolved': 'Auch behobene',
  'list incidents': 'Störungen auflisten',
  'Show one incident': 'Eine Störung zeigen',
  'show the incident {0}': 'die Störung {0} zeigen',
  'Say that you look after an incident': 'Eine Störung übernehmen',
  'The first who does is named; doing it again changes nothing.':
    'Genannt wird, wer sie zuerst übernimmt; noch einmal ändert nichts.',
  'acknowledge {0}': '{0} übernehmen',
  'Say that an incident is over': 'Eine Störung als behoben melden',
  'A rollout that needs a human is ended by "stellwerk resolve"; this closes the record of the disturbance.':
    'Einen Rollout, der einen Menschen braucht, beendet „stellwerk resolve“; dies schließt den Vorgang der Störung.',
  'What was found and done; it stays in the log for ever, so no names and no secrets':
    'Was gefunden und getan wurde; es bleibt für immer im Protokoll, also keine Namen und keine Geheimnisse',
  'resolve {0}': '{0} als behoben melden',
}
