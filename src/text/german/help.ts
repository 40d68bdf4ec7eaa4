/** The help: what every verb does and takes. */
export const help: Readonly<Record<string, string>> = {
  'Release control plane: gates, approvals, traffic under analysis, automatic rollback, an audit trail.':
    'Control Plane für Releases: Gates, Freigaben, Verkehr unter Analyse, automatischer Rollback, prüfbares Protokoll.',
  '"stellwerk help VERB" shows what a verb takes, and examples.':
    '„stellwerk help VERB“ zeigt, was ein Verb annimmt, mit Beispielen.',
  Arguments: 'Argumente',
  Examples: 'Beispiele',
  Options: 'Optionen',
  Verbs: 'Verben',
  'Usage: {0}': 'Aufruf: {0}',
  'Describe and rehearse': 'Beschreiben und proben',
  'Release and follow': 'Ausliefern und verfolgen',
  'Decide and step in': 'Entscheiden und eingreifen',
  'Run the control plane': 'Control Plane betreiben',
  'About this command': 'Über diesen Befehl',

  // Shared options and variables.
  'Which service and environment:': 'Welcher Dienst, welche Umgebung:',
  'How it runs:': 'Wie es läuft:',
  'What is shown:': 'Was gezeigt wird:',
  'Which control plane:': 'Welche Control Plane:',
  'The environment': 'Die Umgebung',
  'The service': 'Der Dienst',
  'The spec': 'Die Spec',
  'Do not ask; required without a terminal': 'Nicht fragen; ohne Terminal nötig',
  'Do not wait for people or for other rollouts': 'Nicht auf Menschen oder andere Rollouts warten',
  'Watch for at most this long, for example 30m; the rollout continues':
    'Höchstens so lange zusehen, zum Beispiel 30m; der Rollout läuft weiter',
  'JSON on stdout, one value per line; of a rollout, its events as they are':
    'JSON auf stdout, ein Wert je Zeile; von einem Rollout seine Ereignisse, wie sie sind',
  'No progress on stderr': 'Kein Fortschritt auf stderr',
  'Language of what is shown; default from LANG': 'Sprache der Ausgabe; Vorgabe aus LANG',
  'The control plane; default STELLWERK_URL, or the one that "up" started':
    'Die Control Plane; Vorgabe STELLWERK_URL, sonst die von „up“ gestartete',
  'Data folder; default STELLWERK_DATA, or .stellwerk beside the spec':
    'Datenordner; Vorgabe STELLWERK_DATA, sonst .stellwerk neben der Spec',
  'Address of the control plane; --server wins.': 'Adresse der Control Plane; --server geht vor.',
  'The token to use. Without it, the local token is used for the control plane of this machine.':
    'Das Token. Ohne dieses gilt das lokale Token für die Control Plane dieses Rechners.',
  'The data folder; --data wins.': 'Der Datenordner; --data geht vor.',
  'PostgreSQL of the control plane ("up"); without it, an embedded one in the data folder.':
    'PostgreSQL der Control Plane („up“); ohne diese ein eingebettetes im Datenordner.',
  'Connection of the role that owns the tables, where DATABASE_URL names another one ("up", "down"); "doctor" says how to set them up.':
    'Verbindung der Rolle, der die Tabellen gehören, wenn DATABASE_URL eine andere nennt („up“, „down“); „doctor“ sagt, wie man sie anlegt.',
  'Any value: no colours.': 'Mit jedem Wert: keine Farben.',
  'Any value: lines only, no redrawn block.': 'Mit jedem Wert: nur Zeilen, kein neu gezeichneter Block.',
  'de…: German. LC_ALL and LC_MESSAGES take precedence; --lang wins.':
    'de…: Deutsch. LC_ALL und LC_MESSAGES gehen vor; --lang gewinnt.',

  // Describe and rehearse.
  'Write a first stellwerk.yaml': 'Eine erste stellwerk.yaml schreiben',
  'Where to; default is here': 'Wohin; Vorgabe: hier',
  'Overwrite what is there': 'Überschreiben, was da ist',
  'Check the spec, naming line and column of every error': 'Die Spec prüfen; Fehler mit Zeile und Spalte nennen',
  'Also warns of what is allowed but will disappoint: steps that see nothing at the declared traffic, rules that stop healthy releases.':
    'Warnt auch vor dem, was erlaubt ist und enttäuscht: Schritte, die beim angegebenen Verkehr nichts sehen, Regeln, die gesunde Releases stoppen.',
  'Show what a deploy would do, step by step, and the way back from every step':
    'Zeigen, was ein Deploy täte, Schritt für Schritt, und den Rückweg von jedem',
  'Says what each step sees of a bad release at the traffic that the control plane measured, or the spec declares. Without a control plane, the plan is compiled locally, and says so.':
    'Sagt, was jeder Schritt von einem schlechten Release sähe, bei dem Verkehr, den die Control Plane gemessen hat oder die Spec angibt. Ohne Control Plane wird hier geplant, und das wird gesagt.',
  'Run a release of this spec in a simulated world, in seconds, touching nothing':
    'Ein Release dieser Spec in Sekunden in einer simulierten Welt proben, ohne etwas zu berühren',
  'Compiles the spec, then lets the real engine release a made-up version into simulated platforms, routers and users on a virtual clock. Without --scenario: a good release and a bad one. Ends like the release it rehearsed, or, where the scenario says what it expects, with 0 or 10. It needs no control plane and contacts none, unless --record is given: then a rollback that came as expected is handed over for the gate "rollback-rehearsed"; that needs a token with the scope "deploy".':
    'Plant nach der Spec und lässt dann die echte Engine eine erfundene Version auf simulierte Plattformen, Router und Nutzer ausliefern, auf einer virtuellen Uhr. Ohne --scenario: ein gutes Release und ein schlechtes. Endet wie das geprobte Release oder, wenn das Szenario sagt, was es erwartet, mit 0 oder 10. Braucht keine Control Plane und sagt keiner etwas, außer mit --record: dann wird ein Rollback, der wie erwartet kam, für das Gate „rollback-rehearsed“ übergeben; das braucht ein Token mit dem Scope „deploy“.',
  "Another random seed than the scenario's own": 'Ein anderer Zufall als der des Szenarios',
  'Hand a rollback that happened as expected over to the control plane; fails when there was none':
    'Einen Rollback, der wie erwartet kam, der Control Plane übergeben; schlägt fehl, wenn keiner kam',
  'List the shipped scenarios, with what each is about': 'Die mitgelieferten Szenarien auflisten',
  'What happens: a scenario file, or a shipped scenario (--list)':
    'Was geschieht: eine Szenario-Datei oder ein mitgeliefertes (--list)',
  'See a release, a bad release and its rollback, here and now':
    'Ein Release, ein schlechtes Release und dessen Rollback sehen, hier und jetzt',
  'Starts a control plane, a router and a small service of its own on this machine, releases it three times under a steady load, and ends everything afterwards. Exit code 0 only if the good release went live, the bad one was rolled back and no request was lost.':
    'Startet auf diesem Rechner eine Control Plane, einen Router und einen kleinen eigenen Dienst, liefert ihn dreimal unter gleichmäßiger Last aus und beendet danach alles. Exit-Code 0 nur, wenn das gute Release live ging, das schlechte zurückgerollt wurde und keine Anfrage verloren ging.',
  'Leave everything running until Ctrl-C': 'Alles laufen lassen bis Strg-C',

  // Release and follow.
  'Pin what is released, and show what was pinned': 'Festhalten, was ausgeliefert wird, und Festgehaltenes zeigen',
  'Pin what is to be released: version, commit, build and a digest per component':
    'Festhalten, was ausgeliefert wird: Version, Commit, Build und ein Digest je Komponente',
  'A commit author such as person:alex, who may then not approve; may be repeated':
    'Autor eines Commits wie person:alex, der dann nicht freigeben darf; mehrfach möglich',
  'A component and its reference; may be repeated': 'Eine Komponente und ihre Referenz; mehrfach möglich',
  "The full commit hash; else the pipeline's, else that of git":
    'Der volle Commit-Hash; sonst der der Pipeline, sonst der von git',
  'The version, such as v1.4.0; else the tag, else the first digits of the commit':
    'Die Version, etwa v1.4.0; sonst das Tag, sonst die ersten Ziffern des Commits',
  'Where the build can be seen; else the pipeline': 'Wo der Build zu sehen ist; sonst die Pipeline',
  'Show a pinned artifact, and whether its content is still there, unchanged':
    'Ein festgehaltenes Artefakt zeigen, und ob sein Inhalt noch unverändert da ist',
  'A version pinned here, or a file': 'Eine hier festgehaltene Version oder eine Datei',
  'Release an artifact into an environment, and follow it to its end':
    'Ein Artefakt in eine Umgebung ausliefern und bis zum Ende verfolgen',
  'Shows the plan, asks, starts the rollout and follows it. The control plane owns the run: Ctrl-C only detaches. The exit code says how it ended.':
    'Zeigt den Plan, fragt, startet den Rollout und verfolgt ihn. Der Lauf gehört der Control Plane: Strg-C koppelt nur ab. Der Exit-Code sagt, wie es ausging.',
  'Start it, but do not follow it (exit code 130)': 'Starten und nicht verfolgen (Exit-Code 130)',
  'How long to wait for a control plane that was lost': 'Wie lange auf eine verlorene Control Plane gewartet wird',
  'A release input, handed to the instances; may be repeated':
    'Eine Eingabe des Releases für die Instanzen; mehrfach möglich',
  'What is released: an artifact file, or a version pinned here':
    'Was ausgeliefert wird: eine Artefakt-Datei oder eine hier festgehaltene Version',
  'What users get now, per service and environment, and what is under way':
    'Was Nutzer jetzt bekommen, je Dienst und Umgebung, und was gerade läuft',
  'Routers and platforms are asked right now. Observed and desired are shown side by side; a difference is an alarm.':
    'Router und Plattformen werden jetzt befragt. Beobachtetes und Gewolltes stehen nebeneinander; ein Unterschied ist ein Alarm.',
  'Follow a rollout from its beginning to its end': 'Einen Rollout von Anfang bis Ende verfolgen',
  'Ends with the exit code of the rollout, as deploy does. Ctrl-C only stops watching.':
    'Endet mit dem Exit-Code des Rollouts, wie deploy. Strg-C beendet nur das Zusehen.',
  'List rollouts, newest first': 'Rollouts auflisten, die neuesten zuerst',
  'At most this many, up to 500': 'Höchstens so viele, bis 500',
  'What the instances of a rollout printed': 'Was die Instanzen eines Rollouts ausgegeben haben',
  'Each line with its component, version, slot, instance and stream. The lines of a release are kept when it is rolled back or replaced; without a rollout, the one under way is meant, or else the newest.':
    'Jede Zeile mit Komponente, Version, Slot, Instanz und Strom. Die Zeilen eines Releases bleiben, wenn es zurückgerollt oder ersetzt wird; ohne Rollout ist der laufende gemeint, sonst der neueste.',
  'At most this many, up to {0}': 'Höchstens so viele, bis {0}',
  'Keep printing new lines, until Ctrl-C or --timeout': 'Neue Zeilen weiter ausgeben, bis Strg-C oder --timeout',
  'Of this component only': 'Nur von dieser Komponente',
  'The same, under the name that other tools use': 'Dasselbe, wie es andere Werkzeuge nennen',

  // Decide and step in.
  'Show what is waiting for approval, and approve it': 'Zeigen, was auf eine Freigabe wartet, und sie erteilen',
  'Shows who requested it, the artifact, the whole plan and how it changes the policy in force, and asks. The approval names exactly what was shown; anything else is refused. Whoever requested the release, or wrote it, may not approve it.':
    'Zeigt, wer es will, das Artefakt, den ganzen Plan und was er an der geltenden Richtlinie ändert, und fragt. Die Freigabe nennt genau das Gezeigte; alles andere wird abgelehnt. Wer das Release angefordert oder geschrieben hat, darf es nicht freigeben.',
  'Only if its plan is still this one (12 digits or more of its hash)':
    'Nur, wenn der Plan noch dieser ist (mindestens 12 Stellen seines Hashs)',
  'Which one; default is the one you may give': 'Welche; Vorgabe: die, die Sie erteilen dürfen',
  'Give an approval of exactly what was shown: this rollout, artifact and plan':
    'Genau das genehmigen, was gezeigt wurde: diesen Rollout, dieses Artefakt, diesen Plan',
  'Give up; users return to live': 'Aufgeben; Nutzer kehren zur laufenden Version zurück',
  'Return users to the previous version': 'Nutzer zur vorigen Version zurückführen',
  'Refuse a release; it is aborted': 'Ein Release ablehnen; es wird abgebrochen',
  'Before any traffic nothing changes for users; afterwards traffic returns to the previous version.':
    'Vor dem ersten Verkehr ändert sich für Nutzer nichts; danach kehrt der Verkehr zur vorigen Version zurück.',
  'Stop advancing': 'Nicht weitergehen',
  'Triggers stay armed: a breach still rolls back. A pause has a deadline, after which the candidate is rolled back.':
    'Die Auslöser bleiben scharf: eine Verletzung rollt weiterhin zurück. Eine Pause hat eine Frist, danach wird der Kandidat zurückgerollt.',
  'Continue after a pause': 'Nach einer Pause fortsetzen',
  'The wait continues where it left off.': 'Das laufende Warten geht weiter, wo es stand.',
  'End the current hold and go to the next step': 'Die laufende Stufe beenden und zum nächsten Schritt gehen',
  'What was observed must still allow it: without evidence nothing advances.':
    'Das Beobachtete muss es trotzdem erlauben: ohne Beleg geht nichts weiter.',
  'Give up a rollout, and follow it until nothing of it is left':
    'Einen Rollout aufgeben und verfolgen, bis nichts mehr von ihm übrig ist',
  'Before any traffic nothing changes for users; afterwards it is a rollback. Exit code 0: users are off it.':
    'Vor dem ersten Verkehr ändert sich für Nutzer nichts; danach ist es ein Rollback. Exit-Code 0: keine Nutzer mehr darauf.',
  'Return users to the previous version, and follow it to its end':
    'Nutzer zur vorigen Version zurückführen und bis zum Ende verfolgen',
  'Works on a finalized rollout too, while its rollback window is open. Waits for nobody. Exit code 0: users are back.':
    'Auch von einem abgeschlossenen Rollout, solange sein Rollback-Fenster offen ist. Wartet auf niemanden. Exit-Code 0: die Nutzer sind zurück.',
  'person, incident or security-finding': 'person, incident oder security-finding',
  'Record that a person has put things right after needs-human':
    'Sagen, dass ein Mensch nach needs-human alles in Ordnung gebracht hat',
  'Ends the rollout; check "stellwerk status" first.': 'Beendet den Rollout; zuerst „stellwerk status“ ansehen.',
  'What was done; it stays in the log for ever': 'Was getan wurde; es bleibt für immer im Protokoll',
  'The rollout; default is the only one under way (see -e, --service)':
    'Der Rollout; Vorgabe: der einzige laufende (siehe -e, --service)',
  'Why; it stays in the log for ever, so no names and no secrets':
    'Warum; es bleibt für immer im Protokoll, also keine Namen und keine Geheimnisse',
  'Why; it stays in the log for ever': 'Warum; es bleibt für immer im Protokoll',

  // Run the control plane.
  'Run the control plane here, until Ctrl-C': 'Die Control Plane hier betreiben, bis Strg-C',
  'Without DATABASE_URL it runs its own PostgreSQL in the data folder. When it ends, what serves users goes on; when it comes back, it resumes its rollouts.':
    'Ohne DATABASE_URL bringt sie ihr eigenes PostgreSQL im Datenordner mit. Was Nutzer bedient, läuft weiter, wenn sie endet; kommt sie wieder, nimmt sie ihre Rollouts wieder auf.',
  'A PostgreSQL of your own; default DATABASE_URL': 'Ein eigenes PostgreSQL; Vorgabe DATABASE_URL',
  'A file elsewhere (another disk, a mount) to which every signed checkpoint is appended; may be repeated':
    'Eine Datei anderswo (andere Platte, ein Mount), an die jeder signierte Checkpoint angehängt wird; mehrfach möglich',
  'A host name by which others reach /health, /readiness and /metrics; may be repeated':
    'Ein Name, unter dem andere nach /health, /readiness und /metrics fragen; mehrfach möglich',
  'Of the log on stderr': 'Des Logs auf stderr',
  'One of several control planes on one database; each needs this option':
    'Eine von mehreren Control Planes auf einer Datenbank; jede muss es sagen',
  'Take over the environments of this host; only when it is gone for good, or both would serve':
    'Die Umgebungen dieses Hosts übernehmen; nur, wenn er für immer weg ist, sonst bedienten beide',
  'Accept the log as it is, though it is not the one that was signed: after a restore; with --by':
    'Das Protokoll nehmen, wie es ist, obwohl es nicht das signierte ist: nach einer Wiederherstellung; mit --by',
  'Where its API listens; port 0 takes a free one': 'Wo die API lauscht; Port 0 nimmt einen freien',
  'Who accepts the log, as person:alex; it stays in the log with the reason':
    'Wer das Protokoll annimmt, als person:alex; es bleibt mit dem Grund im Protokoll',
  'Stop everything that serves users from this data folder: instances and router':
    'Alles stoppen, womit dieser Datenordner Nutzer bedient: Instanzen und Router',
  'For cleaning up; users then get nothing. End the control plane first. Its data stays: the log, artifacts, tokens.':
    'Zum Aufräumen; Nutzer bekommen dann nichts mehr. Die Control Plane muss vorher beendet sein. Ihre Daten bleiben: Protokoll, Artefakte, Tokens.',
  'The PostgreSQL given to "up"; default DATABASE_URL': 'Das PostgreSQL, das „up“ bekam; Vorgabe DATABASE_URL',
  'Check this machine, the spec and the control plane, and say how to fix what is wrong':
    'Diesen Rechner, die Spec und die Control Plane prüfen und sagen, wie man behebt, was fehlt',
  'Exit code 0 when nothing is wrong, 1 otherwise.': 'Exit-Code 0, wenn nichts fehlt, sonst 1.',
  'Test message routes, show deliveries, and send dead letters again or dismiss them':
    'Wege der Nachrichten testen, zeigen, was aus ihnen wurde, und Aufgegebenes erneut senden oder für erledigt erklären',
  'List messages with their delivery on each route, newest first':
    'Auflisten, was auf jedem Weg aus den Nachrichten wurde, die neuesten zuerst',
  'How many at most': 'Höchstens so viele',
  'Only what was given up on': 'Nur Aufgegebenes',
  'Send a test message by every route of the spec, and show the outcome on each':
    'Eine Testnachricht auf den Wegen der Spec senden und zeigen, was auf jedem aus ihr wurde',
  'It is marked as a test, but really sent: a route to a pager pages somebody. Exit code 0 when every route took it, 1 when one did not or none asks for it.':
    'Sie ist als Test gekennzeichnet und wird wirklich gesendet: ein Weg zu einem Pager alarmiert. Exit-Code 0, wenn jeder Weg sie annahm, 1, wenn einer es nicht tat oder keiner danach fragt.',
  'Only routes that ask for this event or priority; absent: every route':
    'Nur Wege, die nach diesem Ereignis oder dieser Priorität fragen; ohne: alle',
  'Send dead letters again': 'Aufgegebenes erneut senden',
  'Dismiss dead letters that nobody needs any more': 'Sagen, dass Aufgegebenes nicht mehr gebraucht wird',
  'They are no longer an alarm, and cannot be sent again. "notify list" shows who dismissed them, and why.':
    'Es ist kein Alarm mehr und lässt sich nicht erneut senden. Wer das sagte und warum, zeigt „notify list“.',
  'Why; it is shown with the message, so no names and no secrets':
    'Warum; es steht bei der Nachricht, also keine Namen und keine Geheimnisse',
  'All of them, within -e and --service where given': 'Alle, von -e und --service, wo angegeben',
  'Such as shop-prod-7/12/0; see "notify list --dead"': 'Etwa shop-prod-7/12/0; siehe „notify list --dead“',
}
