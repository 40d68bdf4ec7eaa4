/** What single verbs say, and what the control plane says when it cannot start. */
export const verbs: Readonly<Record<string, string>> = {
  'The script asks for what it does not know while you type: environments, services, versions and rollouts, out of stellwerk.yaml, the versions pinned here and the newest rollouts of the control plane.':
    'Das Skript fragt beim Tippen nach dem, was es nicht weiß: Umgebungen, Dienste, Versionen und Rollouts, aus stellwerk.yaml, den hier festgelegten Versionen und den neuesten Rollouts der Control Plane.',
  '{0}; or what the script asks for: {1}': '{0}; oder wonach das Skript fragt: {1}',
  // Files.
  'there is no file {0}': 'es gibt keine Datei {0}',
  '{0} is a folder': '{0} ist ein Ordner',
  'this user may not read {0}': 'dieser Benutzer darf {0} nicht lesen',
  'cannot read {0}': '{0} ist nicht zu lesen',
  'cannot read the spec': 'die Spec ist nicht zu lesen',
  'cannot read the spec {0}': 'die Spec {0} ist nicht zu lesen',
  'name it with --file': 'mit --file nennen',
  '"stellwerk init" writes one; --file names another': '„stellwerk init“ schreibt eine; --file nennt eine andere',
  'cannot write a spec into {0}': 'in {0} lässt sich keine Spec schreiben',
  'name a folder, new or your own: stellwerk init FOLDER':
    'einen neuen oder eigenen Ordner nennen: stellwerk init ORDNER',
  '"stellwerk init --force" overwrites': '„stellwerk init --force“ überschreibt',
  'Next: describe your service there, then "stellwerk validate", "stellwerk artifact pin", "stellwerk up", "stellwerk deploy".':
    'Weiter: dort den Dienst beschreiben, dann „stellwerk validate“, „stellwerk artifact pin“, „stellwerk up“, „stellwerk deploy“.',
  '{0} is valid: {1}, components {2}': '{0} ist gültig: {1}, Komponenten {2}',
  'environments: {0}': 'Umgebungen: {0}',
  'No control plane here: planned locally, from the spec and the artifact alone.':
    'Hier ist keine Control Plane: lokal geplant, nur nach Spec und Artefakt.',
  'a release goes into one environment': 'ein Release geht in eine Umgebung',
  '--flag "{0}" cannot be read': '--flag „{0}“ ist nicht zu lesen',
  'it must be NAME=VALUE': 'nötig ist NAME=WERT',

  // Artifacts.
  'a release must be': 'ein Release muss es sein',
  'a release must be immutable': 'ein Release muss unveränderlich sein',
  'this is not immutable': 'das ist nicht unveränderlich',
  'cannot read the artifact {0}': 'das Artefakt {0} ist nicht zu lesen',
  'the artifact in {0} is not pinned': 'das Artefakt in {0} ist nicht festgehalten',
  '{0} is not an artifact': '{0} ist kein Artefakt',
  'members are missing or of the wrong kind': 'Angaben fehlen oder sind von falscher Art',
  'must be a list of texts': 'muss eine Liste von Texten sein',
  'must be a text': 'muss ein Text sein',
  'must have the texts ref and digest': 'muss die Texte ref und digest haben',
  'must name at least one component': 'muss mindestens eine Komponente nennen',
  '"{0}" is not a component': '„{0}“ ist keine Komponente',
  '"{0}" is not a version': '„{0}“ ist keine Version',
  '--component {0}=./dist or --component {1}=oci://REGISTRY/NAME@sha256:…':
    '--component {0}=./dist oder --component {1}=oci://REGISTRY/NAME@sha256:…',
  'a component is one build': 'eine Komponente ist ein Build',
  'an artifact has at least one': 'ein Artefakt hat mindestens eine',
  'no component': 'keine Komponente',
  'give the full commit hash and the URL of the build': 'den vollen Commit-Hash und die URL des Builds angeben',
  'it becomes the name of a file, and may not end in .json: --artifact takes that for a file':
    'sie wird der Name einer Datei und darf nicht auf .json enden: --artifact hält das für eine Datei',
  'it is neither a folder or an archive here, nor an image with its digest: a mutable reference':
    'es ist weder ein Ordner oder Archiv hier noch ein Image mit Digest: eine veränderliche Referenz',
  'it must be NAME=REF': 'nötig ist NAME=REF',
  'this could never be released': 'das ließe sich nie ausliefern',
  'no environment of {0} could run it': 'keine Umgebung von {0} könnte es betreiben',
  'pin what its platform runs, or change {0}': 'festhalten, was die Plattform betreibt, oder {0} ändern',
  'pin a build of the same commit again here, or build it under a new version and pin that':
    'einen Build desselben Commits hier noch einmal festhalten, oder unter neuer Version bauen und diese festhalten',
  'pin it under a new version': 'unter einer neuen Version festhalten',
  'build it again and pin it, under a new version': 'noch einmal bauen und unter einer neuen Version festhalten',
  'the content of {0} is neither kept in the data folder nor at {1}':
    'der Inhalt von {0} liegt weder im Datenordner noch unter {1}',
  'the digest of {0} has changed': 'der Digest von {0} hat sich geändert',
  '{0} can no longer be released as it was pinned':
    '{0} lässt sich nicht mehr so ausliefern, wie es festgehalten wurde',
  '{0} cannot be released': '{0} lässt sich nicht ausliefern',
  '{0} is named twice': '{0} ist zweimal genannt',
  '{0} is pinned already, as something else': '{0} ist schon festgehalten, als etwas anderes',
  '{0}: cannot pin "{1}"': '{0}: „{1}“ lässt sich nicht festhalten',
  'cannot take over {0}': '{0} lässt sich nicht übernehmen',
  'name the folder or archive that the build made, and correct what is said about it':
    'den Ordner oder das Archiv nennen, das der Build erzeugt hat, und beheben, was darüber gesagt wird',
  'put that right and pin it again': 'das beheben und noch einmal festhalten',

  // Approvals, rollbacks, rehearsals.
  '--plan "{0}" is not a plan hash': '--plan „{0}“ ist kein Hash eines Plans',
  'it has 12 to 64 hexadecimal digits': 'er hat 12 bis 64 Hexadezimalstellen',
  'it is {0}; nothing was approved': 'er ist {0}; nichts wurde freigegeben',
  'look at it first: stellwerk approve {0}': 'erst ansehen: stellwerk approve {0}',
  'the plan of {0} is not {1}': 'der Plan von {0} ist nicht {1}',
  '{0} was not rolled back': '{0} wurde nicht zurückgerollt',
  'it is finalized': 'er ist abgeschlossen',
  '"stellwerk watch {0}", then "stellwerk rollback {1} --reason …"':
    '„stellwerk watch {0}“, dann „stellwerk rollback {1} --reason …“',
  'cannot read the scenario {0}': 'das Szenario {0} ist nicht zu lesen',
  '"stellwerk rehearse --list" names those that are shipped': '„stellwerk rehearse --list“ nennt die mitgelieferten',
  '--seed "{0}" cannot be read': '--seed „{0}“ ist nicht zu lesen',
  'it must be a whole number from 0 to 999999999': 'nötig ist eine ganze Zahl von 0 bis 999999999',
  'docs/reference/scenario.md names every key': 'docs/reference/scenario.md nennt jeden Schlüssel',
  'the rehearsal "{0}" came to no end': 'die Probe „{0}“ kam zu keinem Ende',
  'look at the scenario; if nothing in it explains this, report it with scenario and seed':
    'das Szenario ansehen; erklärt es nichts, mit Szenario und Seed melden',
  '{0}: one problem': '{0}: ein Problem',
  '{0}: {1} problems': '{0}: {1} Probleme',

  // Logs, messages, policies, tokens, the log of facts.
  '{0} "{1}" is not a number of lines': '{0} „{1}“ ist keine Zeilenzahl',
  'it must be from 1 to {0}': 'möglich sind 1 bis {0}',
  'name one, or all that were given up on': 'entweder wird eine genannt oder alle aufgegebenen',
  'which messages?': 'welche Nachrichten?',
  'why?': 'warum?',
  'name one, or all that were given up on; the reason is kept with them':
    'eine wird genannt oder alle aufgegebenen, und der Grund wird bei ihnen festgehalten',
  'routes belong to one environment': 'Wege sind die einer Umgebung',
  'a policy belongs to one environment': 'eine Richtlinie ist die einer Umgebung',
  'COUNTS FOR': 'GILT FÜR',
  ID: 'ID',
  'LAST USED': 'ZULETZT',
  NAME: 'NAME',
  PERSON: 'PERSON',
  ROLES: 'ROLLEN',
  SCOPES: 'SCOPES',
  VALID: 'GÜLTIG',
  everywhere: 'überall',
  'give one of {0}': 'eines angeben von {0}',
  'no expiry': 'ohne Ablauf',
  'no scope': 'kein Scope',
  'revoked {0}': 'widerrufen {0}',
  'until {0}': 'bis {0}',
  '{0} for {1}. Keep the secret now; it is not shown again:':
    '{0} für {1}. Das Geheimnis jetzt aufbewahren; es wird nicht wieder gezeigt:',
  '{0} in {1}': '{0} in {1}',
  '{0} is revoked': '{0} ist widerrufen',
  'there is for {0}': 'es gibt eine für {0}',
  'there is no completion for "{0}"': 'für „{0}“ gibt es keine Vervollständigung',
  '  not proven: {0}': '  nicht bewiesen: {0}',
  '  position {0}: {1}': '  Position {0}: {1}',
  '  proven: {0}': '  bewiesen: {0}',
  'NOT INTACT': 'NICHT UNVERSEHRT',
  'NOT PROVEN': 'NICHT BEWIESEN',
  intact: 'unversehrt',
  '{0}: {1} events, {2} checkpoints, root {3}': '{0}: {1} Ereignisse, {2} Checkpoints, Wurzel {3}',
  'cannot read the export': 'der Export ist nicht zu lesen',
  'the export is incomplete': 'der Export ist unvollständig',
  'run it again': 'noch einmal ausführen',
  'it is about a file, and none is named': 'es betrifft eine Datei, und keine ist genannt',
  'it is neither a verifier key (stellwerk/…+…+…) nor a file that holds one':
    'es ist weder ein Prüfschlüssel (stellwerk/…+…+…) noch eine Datei mit einem',
  'name a file that "stellwerk audit export" wrote': 'eine Datei nennen, die „stellwerk audit export“ geschrieben hat',
  'nothing is logged yet': 'noch ist nichts protokolliert',
  'there is no signed checkpoint in it': 'darin ist kein signierter Checkpoint',

  // Up and down.
  'control plane at {0} (process {1}, data in {2})': 'Control Plane unter {0} (Prozess {1}, Daten in {2})',
  'ending; what serves users goes on': 'endet; was Nutzer bedient, läuft weiter',
  'Warning: reachable from other machines, and tokens travel unencrypted. Put it behind a proxy with TLS.':
    'Warnung: von anderen Rechnern erreichbar, und Tokens reisen unverschlüsselt. Hinter einen Proxy mit TLS stellen.',
  '--listen "{0}" is not an address': '--listen „{0}“ ist keine Adresse',
  'it must be HOST:PORT': 'nötig ist HOST:PORT',
  'it must be a host name without a port; addresses and localhost are allowed anyway':
    'nötig ist ein Hostname ohne Port; Adressen und localhost sind ohnehin erlaubt',
  'it says who accepts the log, and nobody does': 'es sagt, wer das Protokoll annimmt, und niemand tut es',
  'it does not say who accepts it': 'niemand ist genannt, der es annimmt',
  'name a file in a folder that exists and can be written':
    'eine Datei in einem beschreibbaren Ordner nennen, den es gibt',
  'a control plane runs here already (process {0}, {1})': 'hier läuft schon eine Control Plane (Prozess {0}, {1})',
  'a control plane runs here already (process {0}, since {1})':
    'hier läuft schon eine Control Plane (Prozess {0}, seit {1})',
  '{0} names it, and it answers': '{0} nennt sie, und sie antwortet',
  'another control plane': 'eine andere Control Plane',
  'another control plane works on this database ({0})': 'auf dieser Datenbank arbeitet eine andere Control Plane ({0})',
  'end it first, or give this one another database': 'jene zuerst beenden, oder dieser eine andere Datenbank geben',
  'it holds {0}; two would start and stop the same instances':
    'sie hält {0}; zwei würden dieselben Instanzen starten und stoppen',
  'start that one with --replica as well, or end it first': 'auch jene mit --replica starten, oder sie zuerst beenden',
  'start that one with --replica as well; or end it first: kill {0}':
    'auch jene mit --replica starten, oder sie zuerst beenden: kill {0}',
  'two that do not know of each other would start and stop the same instances':
    'zwei, die nichts voneinander wissen, würden dieselben Instanzen starten und stoppen',
  'use it, or end it first: kill {0}': 'diese verwenden, oder sie zuerst beenden: kill {0}',
  'what that one serves': 'was jene bedient',
  '{0} since {1}': '{0} seit {1}',
  'Nothing was stopped.': 'Nichts wurde gestoppt.',
  'Stop what {0} serves? Users then get nothing. [y/N] ':
    'Stoppen, was {0} bedient? Nutzer bekommen dann nichts mehr. [j/N] ',
  'end it first, with Ctrl-C where "stellwerk up" runs, or: kill {0}':
    'sie zuerst beenden, mit Strg-C, wo „stellwerk up“ läuft, oder: kill {0}',
  'instances and router are stopped; the data stays in {0}':
    'Instanzen und Router sind gestoppt; die Daten bleiben in {0}',
  'it would start again what is stopped': 'sie würde wieder starten, was gestoppt wird',
  'nothing was ever started from it': 'von dort wurde nie etwas gestartet',
  'process {0}': 'Prozess {0}',
  'the control plane runs (process {0}, {1})': 'die Control Plane läuft (Prozess {0}, {1})',
  'there is no data folder {0}': 'es gibt keinen Datenordner {0}',
  'cannot make the data folder {0}': 'der Datenordner {0} lässt sich nicht anlegen',
  'name a folder that can be written to: --data FOLDER, or STELLWERK_DATA':
    'einen beschreibbaren Ordner nennen: --data ORDNER, oder STELLWERK_DATA',
  'not everything could be stopped': 'nicht alles ließ sich stoppen',
  'run "stellwerk down" again; what it still cannot end has to be ended by hand':
    '„stellwerk down“ noch einmal ausführen; was es dann nicht beendet, von Hand beenden',
  'cannot listen on {0}:{1}': 'auf {0}:{1} lässt sich nicht lauschen',
  'something else listens there, perhaps another control plane':
    'dort lauscht etwas anderes, vielleicht eine andere Control Plane',
  'cannot read the tokens in {0}': 'die Tokens in {0} sind nicht zu lesen',
  'put back a good copy of {0}, or move it away and create the tokens again':
    'eine gute Kopie von {0} zurücklegen, oder die Datei wegräumen und die Tokens neu anlegen',
}
