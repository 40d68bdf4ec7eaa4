/** The verbs of incidents. */
export const incident: Readonly<Record<string, string>> = {
  'Show, acknowledge and resolve incidents': 'Störungen zeigen, eine übernehmen, eine als behoben melden',
  'The incident; "stellwerk incident list" shows the open ones':
    'Die Störung; „stellwerk incident list“ zeigt die offenen',
  'live is not well: {0}': 'live ist nicht in Ordnung: {0}',
  'the log of the control plane cannot be trusted: {0}': 'dem Protokoll der Control Plane ist nicht zu trauen: {0}',
  'it was already resolved, by {0}: {1}': 'sie wurde schon behoben, von {0}: {1}',
  'List open incidents, newest first': 'Störungen auflisten, die nicht behoben sind, neueste zuerst',
  'Resolved ones too': 'Auch behobene',
  'list incidents': 'Störungen auflisten',
  'Show one incident': 'Eine Störung zeigen',
  'show the incident {0}': 'die Störung {0} zeigen',
  'Acknowledge an incident: you look after it': 'Eine Störung übernehmen',
  'The first to do so is named; doing it again changes nothing.':
    'Genannt wird, wer sie zuerst übernimmt; noch einmal ändert nichts.',
  'acknowledge {0}': '{0} übernehmen',
  'Resolve an incident': 'Eine Störung als behoben melden',
  'A rollout that needs a human is ended by "stellwerk resolve"; this closes the record of what went wrong.':
    'Einen Rollout, der einen Menschen braucht, beendet „stellwerk resolve“; dies schließt den Vorgang der Störung.',
  'What was found and done; it stays in the log for ever, so no names and no secrets':
    'Was gefunden und getan wurde; es bleibt für immer im Protokoll, also keine Namen und keine Geheimnisse',
  'resolve {0}': '{0} als behoben melden',
}
