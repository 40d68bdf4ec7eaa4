/** What is wrong with the database or with the log in it, and what the demo says. */
export const database: Readonly<Record<string, string>> = {
  'PostgreSQL cannot be started': 'PostgreSQL lässt sich nicht starten',
  'PostgreSQL is down and cannot be brought back': 'PostgreSQL ist weg und lässt sich nicht zurückholen',
  'it ended {0} times within {1} minutes': 'es endete {0}-mal innerhalb von {1} Minuten',
  'see {0}, then: stellwerk up': '{0} ansehen, dann: stellwerk up',
  'what served before: router and instances go on without the control plane':
    'was vorher bedient hat: Router und Instanzen laufen ohne die Control Plane weiter',
  'as a superuser of the database server: {0}': 'als Superuser des Datenbankservers: {0}',
  'it belongs to another role from before ({0})': 'es gehört von früher einer anderen Rolle ({0})',
  'role {0} does not own what Stellwerk keeps in this database, and may not take it over':
    'der Rolle {0} gehört nicht, was Stellwerk in dieser Datenbank hält, und sie darf es nicht übernehmen',
  'STELLWERK_MIGRATION_URL names the database {0}, and DATABASE_URL the database {1}':
    'STELLWERK_MIGRATION_URL nennt die Datenbank {0}, DATABASE_URL die Datenbank {1}',
  'give STELLWERK_MIGRATION_URL, the connection of the role that owns them (docs/guides/production.md)':
    'STELLWERK_MIGRATION_URL angeben, die Verbindung der Rolle, der sie gehören (docs/guides/production.md)',
  'name the same database in both': 'in beiden dieselbe Datenbank nennen',
  'correct the role, password and database in {0}': 'Rolle, Passwort und Datenbank in {0} berichtigen',
  'role {0} may not bring the tables in database {1} up to date':
    'die Rolle {0} darf die Tabellen in der Datenbank {1} nicht auf den neuesten Stand bringen',
  'the database refuses the connection of {0}': 'die Datenbank lehnt die Verbindung von {0} ab',
  'one prepares what the other works on': 'die eine bereitet vor, worauf die andere arbeitet',
  '--accept-log has nothing to accept': '--accept-log hat nichts anzunehmen',
  'the log agrees with its checkpoints and is trusted as it is':
    'das Protokoll folgt aus seinen Checkpoints, ihm wird vertraut, wie es ist',
  'start without --accept-log, and take it out of a service unit that has it; nothing was changed':
    'ohne --accept-log starten und es aus einer Service-Unit entfernen, die es hat; nichts wurde geändert',
  'this database holds the log of another control plane':
    'diese Datenbank hält das Protokoll einer anderen Control Plane',
  'it is written with another key than the one in {0}': 'es ist mit einem anderen Schlüssel geschrieben als dem in {0}',
  'copy the folder "keys" of the data folder that it was used with to {0}; if that is lost for good, start once with --accept-log "why" --by PERSON':
    'den Ordner „keys“ des Datenordners, zu dem es gehörte, nach {0} kopieren; ist er für immer verloren, einmal mit --accept-log "warum" --by PERSON starten',

  'starting PostgreSQL': 'startet PostgreSQL',
  'PostgreSQL keeps its data in {0}': 'PostgreSQL hält seine Daten in {0}',
  'PostgreSQL in {0} was running and is used': 'PostgreSQL in {0} lief schon und wird verwendet',
  'reading {0} events': 'liest {0} Ereignisse',
  'nothing was rebuilt: {0}': 'nichts wurde neu aufgebaut: {0}',
  'it reads and writes the tables that would be rebuilt under it':
    'sie liest und schreibt die Tabellen, die unter ihr neu aufgebaut würden',
  'end every control plane of this database first ({0}), then: stellwerk rebuild':
    'zuerst jede Control Plane dieser Datenbank beenden ({0}), dann: stellwerk rebuild',
  'it holds the key by which the events of the log are told from forged ones':
    'er hält den Schlüssel, an dem die Ereignisse des Protokolls von fremden zu unterscheiden sind',
  'nothing was rebuilt: there is no database in {0}': 'nichts wurde neu aufgebaut: in {0} ist keine Datenbank',
  'no control plane was ever started with this data folder, or it had another database':
    'mit diesem Datenordner wurde nie eine Control Plane gestartet, oder sie hatte eine andere Datenbank',
  'name the folder with --data, or the database with --database-url':
    'den Ordner mit --data nennen oder die Datenbank mit --database-url',
  'name the one that the control plane was started with: --data FOLDER':
    'den nennen, mit dem die Control Plane gestartet wurde: --data ORDNER',
  'nothing was rebuilt: the log cannot be trusted': 'nichts wurde neu aufgebaut: dem Protokoll ist nicht zu trauen',
  'find out with "stellwerk audit verify"; to then accept it as it is: stellwerk up --accept-log "why" --by PERSON':
    'mit „stellwerk audit verify“ herausfinden; wer es dann nimmt, wie es ist: stellwerk up --accept-log "warum" --by PERSON',
  'the database lacks {0}': 'der Datenbank fehlt {0}',
  'that is a part of the log, from which everything else is made':
    'das ist ein Teil des Protokolls, aus dem alles andere entsteht',
  'somebody dropped it; the log is there': 'jemand hat es gelöscht; das Protokoll ist da',
  'restore a backup of the database': 'eine Sicherung der Datenbank wiederherstellen',

  // The demo.
  'All of it took {0}.': 'Alles zusammen dauerte {0}.',
  ENDED: 'ENDE',
  'Load: {0} requests, {1} lost{2}, {3} bad answers served.':
    'Last: {0} Anfragen, {1} verloren{2}, {3} schlechte Antworten ausgeliefert.',
  MOST: 'HÖCHSTENS',
  RELEASE: 'RELEASE',
  TOOK: 'DAUER',
  'WHAT IT IS': 'WAS ES IST',
  'Why it was rolled back: {0}': 'Warum zurückgerollt wurde: {0}',
  'a changed event is found: {0}': 'ein geändertes Ereignis wird gefunden: {0}',
  'it was not': 'wurde es nicht',
  'no request was lost ({0} of {1})': 'keine Anfrage ging verloren ({0} von {1})',
  'the audit log verifies ({0} events, root {1}…)': 'das Protokoll ist unversehrt ({0} Ereignisse, Wurzel {1}…)',
  'the bad release was rolled back at 10 %': 'das schlechte Release wurde bei 10 % zurückgerollt',
  'the first release went live': 'das erste Release ging live',
  'the good release was finalized': 'das gute Release wurde abgeschlossen',
  'users are on the good release': 'die Nutzer sind auf dem guten Release',
  '  load  {0} requests, {1} lost, {2} bad answers': '  Last  {0} Anfragen, {1} verloren, {2} schlechte Antworten',
  '  {0} {1} ({2}): {3} in {4}': '  {0} {1} ({2}): {3} in {4}',
  'Still running. Look around: stellwerk status --data {0}   (Ctrl-C ends it)':
    'Läuft noch. Umsehen: stellwerk status --data {0}   (Strg-C beendet es)',
  'clearing up': 'räumt auf',
  'building the example service': 'baut den Beispieldienst',
  '{0} could not be loaded: {1}': '{0} ließ sich nicht laden: {1}',
  'install Stellwerk again; in its repository: "npm ci"': 'Stellwerk neu installieren; in seinem Repository: „npm ci“',
  'the demo has nothing to release': 'die Demo hat nichts auszuliefern',
}
