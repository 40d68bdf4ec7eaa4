/** The help of the verbs for policies, tokens and the log, and of the command itself. */
export const helpPolicies: Readonly<Record<string, string>> = {
  'Show, compare and set what an environment demands of every release':
    'Zeigen, vergleichen und setzen, was eine Umgebung von jedem Release verlangt',
  'Show the policy in force for an environment, or all of them':
    'Die geltende Richtlinie einer Umgebung zeigen, oder alle',
  'Show how the spec would change the policy in force': 'Zeigen, was die Spec an der geltenden Richtlinie ändern würde',
  "Put the spec's policy into force for an environment":
    'Die Richtlinie der Spec ab jetzt für eine Umgebung gelten lassen',
  'Takes a token with the scope "policy", and no consent; it is logged under your name. Releases that wait for approvals under another policy are void.':
    'Für alle mit einem Token mit dem Scope „policy“: es braucht keine Zustimmung und steht unter Ihrem Namen im Protokoll. Releases, die unter einer anderen Richtlinie auf Freigaben warten, verfallen.',
  'Show every policy that was ever in force for an environment, and what each changed':
    'Jede Richtlinie zeigen, die je für eine Umgebung galt, und was sie änderte',

  'Create, list and revoke API tokens': 'API-Tokens anlegen, auflisten und widerrufen',
  'Create a token; its secret is shown only once': 'Ein Token anlegen; sein Geheimnis wird nur dieses eine Mal gezeigt',
  'Only the secret goes to stdout, so that it can be piped into a secret store.':
    'Auf stdout steht nur das Geheimnis, so dass es sich in einen Tresor leiten lässt.',
  'A role its holder has, such as release-captain; may be repeated':
    'Eine Rolle des Inhabers, etwa release-captain; mehrfach möglich',
  'Valid for this environment only; may be repeated. Default: for all':
    'Gilt nur für diese Umgebung; mehrfach möglich. Ohne: für alle',
  'Valid for this service only; may be repeated. Default: for all':
    'Gilt nur für diesen Dienst; mehrfach möglich. Ohne: für alle',
  'How long it is valid, for example 30d; "never" is possible': 'Wie lange es gilt, etwa 30d; „never“ ist möglich',
  'What it is for': 'Wofür es ist',
  'Whose it is: person:alex, ci:github': 'Wem es gehört: person:alex, ci:github',
  '{0}; may be repeated': '{0}; mehrfach möglich',
  'List tokens, revoked and expired ones too': 'Tokens auflisten, auch widerrufene und abgelaufene',
  'Revoke a token, at once and for ever': 'Ein Token widerrufen, sofort und für immer',
  'Such as tok_8sK…; see "token list"': 'Etwa tok_8sK…; siehe „token list“',

  'Check, export and show the log of facts': 'Das Protokoll prüfen, exportieren und zeigen',
  'Check that no fact in the log was changed, removed or reordered':
    'Prüfen, dass nichts im Protokoll geändert, entfernt oder umgestellt wurde',
  'Without options, the control plane checks itself. With --key or --checkpoint, the whole log is fetched and checked here; with --file, an export is checked, and no server is asked. What a log itself contains proves nothing, so without --key or --checkpoint a file is "not proven" and the exit code is 1.':
    'Ohne alles prüft die Control Plane sich selbst. Mit --key oder --checkpoint wird das ganze Protokoll geholt und hier geprüft, mit --file ein Export, und niemand wird gefragt. Was ein Protokoll selbst mitbringt, beweist nichts: ohne --key oder --checkpoint ist eine Datei „nicht bewiesen“ und der Exit-Code 1.',
  'A checkpoint that was kept elsewhere: a file of one or more, or its text; may be repeated':
    'Ein anderswo aufbewahrter Checkpoint: eine Datei mit einem oder mehreren, oder sein Text; mehrfach möglich',
  'An export to check instead of the log itself': 'Ein Export, der statt des Protokolls geprüft wird',
  'Check a file with the key it contains: detects accidents, not forgery':
    'Eine Datei mit dem Schlüssel prüfen, den sie enthält: erkennt Versehen, keine Fälschung',
  'The verifier key as "audit checkpoint" gave it, or a file that holds it':
    'Der Prüfschlüssel, wie „audit checkpoint“ ihn nannte, oder eine Datei mit ihm',
  'Show every fact of one rollout: position, time, on whose behalf, what':
    'Alles zu einem Rollout zeigen: Position, Zeitpunkt, in wessen Auftrag, was',
  'Sign the log as it is now: what to keep elsewhere, and later give to "audit verify"':
    'Das Protokoll signieren, wie es jetzt ist: anderswo aufbewahren und später „audit verify“ geben',
  'The checkpoint goes to stdout, so that it can be appended to a file that others keep.':
    'Der Checkpoint geht auf stdout, so dass er sich an eine Datei anhängen lässt, die andere verwahren.',
  'The verifier key instead, which stays the same': 'Stattdessen der Prüfschlüssel, der gleich bleibt',
  'Where to; default is stdout': 'Wohin; Vorgabe: stdout',
  'Write the whole log with its signed checkpoints, to be checked elsewhere':
    'Das ganze Protokoll mit seinen signierten Checkpoints schreiben, um es anderswo zu prüfen',

  'Rebuild every table beside the log from the log': 'Jede Tabelle neben dem Protokoll aus dem Protokoll neu aufbauen',
  'For tables that were damaged or dropped, or are in doubt. No control plane may run on the database meanwhile. What serves users goes on, and the next "up" resumes the rollouts. In one transaction: if interrupted, nothing has changed. Names of tokens and answers to repeated requests are kept where they are still there.':
    'Für Tabellen, die beschädigt, gelöscht oder zweifelhaft sind. Auf der Datenbank darf solange keine Control Plane laufen. Was Nutzer bedient, läuft weiter, und das nächste „up“ nimmt die Rollouts wieder auf. In einer Transaktion: unterbrochen ändert es nichts. Namen von Tokens und Antworten auf wiederholte Anfragen bleiben, wo sie noch da sind.',

  'Show this help': 'Diese Hilfe zeigen',
  'Show all verbs, or what one of them takes': 'Alle Verben zeigen, oder was eines annimmt',
  'A verb, such as deploy': 'Ein Verb, etwa deploy',
  'Its second word, such as create of "token create"': 'Sein zweites Wort, etwa create von „token create“',
  'Show the version of this command': 'Die Version dieses Befehls zeigen',
  'Print the completion of verbs and options for a shell':
    'Die Vervollständigung von Verben und Optionen für eine Shell ausgeben',
}
