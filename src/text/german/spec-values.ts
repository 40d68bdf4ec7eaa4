/** What a file may hold at a place, and what was found there instead: parts of the problems of stellwerk.yaml. */
export const specValues: Readonly<Record<string, string>> = {
  // What is expected, of every section.
  text: 'Text',
  'a number': 'eine Zahl',
  'a whole number': 'eine ganze Zahl',
  'true or false': 'true oder false',
  'a map': 'eine Map',
  'a list': 'eine Liste',
  'a list of rules, or a map with `rules`': 'eine Liste von Regeln, oder eine Map mit `rules`',
  nothing: 'nichts',
  'at most its timeout, {0}, after which nothing is left to count':
    'höchstens sein timeout, {0}, nach dem nichts mehr zu zählen ist',
  'nothing (an empty value)': 'nichts (ein leerer Wert)',
  'an empty list': 'eine leere Liste',
  'a list of {0}': 'eine Liste mit {0} Einträgen',
  'an empty map': 'eine leere Map',
  'a map with {0}{1}': 'eine Map mit {0}{1}',
  'another name': 'ein anderer Name',
  'something else': 'etwas anderes',
  'at least {0}': 'mindestens {0}',
  'at most {0}': 'höchstens {0}',
  '{0} entry': '{0} Eintrag',
  '{0} entries': '{0} Einträge',
  '{0} character': '{0} Zeichen',
  '{0} characters': '{0} Zeichen',
  'one of {0}': 'eines von {0}',
  '{0}, or {1}': '{0}, oder {1}',
  '{0}, or a number': '{0}, oder eine Zahl',
  '{0}, above 0s': '{0}, über 0s',
  'a duration with its unit, such as 30s, 5m or 1h30m': 'eine Dauer mit Einheit, etwa 30s, 5m oder 1h30m',
  'a duration of at most 3650d': 'eine Dauer von höchstens 3650d',
  'a duration of at most 24h': 'eine Dauer von höchstens 24h',
  'a duration of at most 1h': 'eine Dauer von höchstens 1h',
  'a duration of at most 1m': 'eine Dauer von höchstens 1m',
  'a duration of at least 1s': 'eine Dauer von mindestens 1s',
  'a duration from 100ms to 5m': 'eine Dauer von 100ms bis 5m',
  'a size such as 256MB or 1.5GB': 'eine Größe wie 256MB oder 1.5GB',
  'a size of at least 10kB': 'eine Größe von mindestens 10kB',
  'a size from 10kB to 100MB': 'eine Größe von 10kB bis 100MB',
  'a percentage such as 10% or 0.5%': 'ein Prozentwert wie 10% oder 0.5%',
  'a whole percentage from 1% to 100%': 'ein ganzer Prozentwert von 1% bis 100%',
  'a whole percentage from 1% to 50%': 'ein ganzer Prozentwert von 1% bis 50%',
  'a percentage, duration or size such as 5%, 400ms or 1GB':
    'ein Prozentwert, eine Dauer oder eine Größe wie 5%, 400ms oder 1GB',
  'a percentage': 'ein Prozentwert',
  'a duration': 'eine Dauer',
  'a size': 'eine Größe',
  'a name of lower-case letters, digits and dashes that starts with a letter (at most 40 characters)':
    'ein Name aus Kleinbuchstaben, Ziffern und Bindestrichen, der mit einem Buchstaben beginnt (höchstens 40 Zeichen)',
  'a variable name of letters, digits and underscores that does not start with a digit':
    'ein Variablenname aus Buchstaben, Ziffern und Unterstrichen, der nicht mit einer Ziffer beginnt',
  'a text of one line': 'ein einzeiliger Text',
  'a folder below the one of stellwerk.yaml, such as ops/gates':
    'ein Ordner unterhalb des Ordners von stellwerk.yaml, etwa ops/gates',
  'a path such as /health': 'ein Pfad wie /health',
  'a path to a file': 'ein Pfad zu einer Datei',
  'a command on one line, run without a shell': 'ein einzeiliger Befehl, der ohne Shell läuft',
  'text (put numbers and booleans in quotes)': 'Text (Zahlen und true/false in Anführungszeichen setzen)',
  'a method and a path such as "GET /health"': 'eine Methode und ein Pfad, etwa „GET /health“',
  'a header name such as authorization': 'ein Header-Name, etwa authorization',
  'a header value on one line': 'ein einzeiliger Header-Wert',
  'a version such as v2': 'eine Version, etwa v2',
  'a pseudonymous id such as alex, or group:backend': 'ein Pseudonym wie alex, oder group:backend',
  'a pseudonymous id such as alex': 'ein Pseudonym wie alex',
  'a commit e-mail address, or a name at the forge': 'die E-Mail-Adresse von Commits oder ein Name auf der Forge',
  '{0} (this {1})': '{0} (hier: {1})',
  'accounts of a person by {0} (this {1})': 'die Konten einer Person unter: {0} (hier: {1})',
  'names no group': 'nennt keine Gruppe',
  '"{0}:" is none of {1}': '„{0}:“ ist keines von {1}',
  'is an e-mail address; people are pseudonyms such as person:alex, never names or addresses':
    'ist eine E-Mail-Adresse; Personen sind Pseudonyme wie person:alex, nie Namen oder Adressen',
  'has the character U+{0}, which can be taken for another one or not be seen':
    'enthält das Zeichen U+{0}, das sich verwechseln oder übersehen lässt',
  'must be a pseudonym of letters, digits, ".", "_" and "-" such as person:alex':
    'muss ein Pseudonym aus Buchstaben, Ziffern, „.“, „_“ und „-“ sein, etwa person:alex',
  '"*", or topics such as "P1,P2" ({0})': '"*" oder Themen wie "P1,P2" ({0})',
  'a name of your own, not {0}': 'ein eigener Name, keiner von {0}',
  'one of {0}; or a name of your own, with `query`': 'eines von {0}; oder ein eigener Name mit `query`',
  'a query in PromQL': 'eine Abfrage in PromQL',
  'either `above` or `below`': 'entweder `above` oder `below`',
  'between 1 and {0} environments': '1 bis {0} Umgebungen',
  'at most {0} components': 'höchstens {0} Komponenten',
  '`{ secret: NAME }`, where NAME is one of `secrets`': '`{ secret: NAME }`, wobei NAME eines der `secrets` ist',

  // What adapters expect.
  'an http(s) URL without user name, password and query, such as http://prometheus:9090':
    'eine http(s)-URL ohne Benutzername, Passwort und Query, etwa http://prometheus:9090',
  'a metric name or selector such as http_requests_total{job="api",status=~"5.."}':
    'ein Metrikname oder Selektor, etwa http_requests_total{job="api",status=~"5.."}',
  'a label name': 'ein Labelname',
  'a label value on one line': 'ein einzeiliger Labelwert',
  'two values that tell the slots apart': 'zwei Werte, die die Slots unterscheiden',
  'a user name without colon': 'ein Benutzername ohne Doppelpunkt',
  '{0}, no {1}': '{0}, kein {1}',
  '`counts: router` reads no {0} of Prometheus': '`counts: router` liest kein {0} aus Prometheus',
  'a method and a pattern of paths such as "GET /orders/:id", or a label\'s value, on one line':
    'eine Methode und ein Muster von Pfaden wie "GET /orders/:id", oder ein Labelwert, auf einer Zeile',
  'at most {0} in all': 'insgesamt höchstens {0}',
  "`segmentLabel` belongs to `requests`, `errors` and `latency` of the service's own":
    '`segmentLabel` gehört zu eigenen `requests`, `errors` und `latency`',
  '`requests`, `errors` and `latency` belong together: {0}': '`requests`, `errors` und `latency` gehören zusammen: {0}',
  'the name or the address of a mail server, such as mail.example.com':
    'Name oder Adresse eines Mailservers, etwa mail.example.com',
  'a mail address such as releases@example.com': 'eine Mailadresse wie releases@example.com',
  '`user` and `password` together, or neither': '`user` und `password` zusammen, oder keines von beiden',
  '`starttls` or `implicit`, since a password is not sent without TLS':
    '`starttls` oder `implicit`, denn ohne TLS wird kein Passwort gesendet',
  'a port from 1 to 65535': 'ein Port von 1 bis 65535',
  'a user of this machine, by name or number': 'ein Benutzer dieser Maschine, mit Name oder Nummer',
  'an address to listen on such as 127.0.0.1:8080': 'eine Adresse zum Lauschen, etwa 127.0.0.1:8080',
  'an IP address': 'eine IP-Adresse',
  'a cookie or header name': 'ein Cookie- oder Header-Name',
  'a header that tells one session from another': 'ein Header, der Sitzungen unterscheidet',
  'it is not HOST:PORT': 'das ist nicht HOST:PORT',
  'a port is at most {0}': 'ein Port ist höchstens {0}',
  '"{0}" is no IP address of this machine, and only localhost may be a name':
    '„{0}“ ist keine IP-Adresse dieser Maschine, und ein Name darf nur localhost sein',
  '{0} is no IPv4 address: each part is 0 to 255, and "{1}" is not':
    '{0} ist keine IPv4-Adresse: Jeder Teil ist 0 bis 255, „{1}“ ist es nicht',
  'nothing can listen on {0}: it is no address of a machine':
    'auf {0} kann nichts lauschen: Das ist keine Adresse einer Maschine',
  '[{0}] is no IPv6 address': '[{0}] ist keine IPv6-Adresse',
  'nothing can listen on [{0}] as it stands: link-local and multicast addresses need more than an address':
    'auf [{0}] allein kann nichts lauschen: Link-Local- und Multicast-Adressen brauchen mehr als eine Adresse',

  // Commands.
  'the command `{0}` cannot be run: {1}; {2}': 'der Befehl `{0}` lässt sich nicht ausführen: {1}; {2}',
  'it is empty': 'er ist leer',
  'name the program to start': 'das zu startende Programm nennen',
  '"{0}" sets a variable': '„{0}“ setzt eine Variable',
  'put it under the component\'s "variables"': 'sie gehört unter „variables“ der Komponente',
  '"~" is expanded by a shell only': '„~“ löst nur eine Shell auf',
  'write the whole path': 'den ganzen Pfad schreiben',
  "the quote ' at column {0} is never closed": "das Anführungszeichen ' in Spalte {0} wird nie geschlossen",
  'the quote " at column {0} is never closed': 'das Anführungszeichen " in Spalte {0} wird nie geschlossen',
  'close it': 'schließen',
  '"{0}" needs a shell and there is none': '„{0}“ braucht eine Shell, und es gibt keine',
  'quote it if it is meant literally, or start a script that does it':
    'in Anführungszeichen setzen, wenn es wörtlich gemeint ist, oder ein Skript starten, das es tut',

  // Scenarios.
  'expected a map that begins with `scenario:`, found {0}':
    'erwartet: eine Map, die mit `scenario:` beginnt; gefunden: {0}',
  'there is no release "{0}" in this scenario': 'in diesem Szenario gibt es kein Release „{0}“',
  'nobody asks for the route "{0}" in this scenario': 'in diesem Szenario fragt niemand nach der Route „{0}“',
  'name it and its share of the traffic first: `traffic: { routes: { {0}: 5% } }`':
    'sie zuerst mit ihrem Anteil am Verkehr nennen: `traffic: { routes: { {0}: 5% } }`',
  'the shares of the routes are {0} of the traffic together, more than there is':
    'die Anteile der Routen sind zusammen {0} des Verkehrs, mehr als es gibt',
  'make them 100% or less; what is left is on no route':
    'auf höchstens 100% bringen; was übrig bleibt, liegt auf keiner Route',
  'a method and a path such as GET /orders/:id': 'eine Methode und ein Pfad, etwa GET /orders/:id',
  'a share from 0% to 100%': 'ein Anteil von 0% bis 100%',
  'an address such as 127.0.0.1:8081': 'eine Adresse wie 127.0.0.1:8081',
  'a local time such as 2026-01-13T20:00': 'eine Ortszeit wie 2026-01-13T20:00',
  'a time zone such as Europe/Berlin': 'eine Zeitzone wie Europe/Berlin',
  'a time such as 20:00': 'eine Uhrzeit wie 20:00',
  'the spec has no component "{0}" that a release could lack':
    'die Spec hat keine Komponente „{0}“, die einem Release fehlen könnte',
  'the spec has no component "{0}" that "{1}" could be a copy of':
    'die Spec hat keine Komponente „{0}“, von der „{1}“ eine Kopie sein könnte',
  'the router of "{0}" ({1}) has no address to change': 'der Router von „{0}“ ({1}) hat keine Adresse zum Ändern',
  'the router of "{0}" is none': 'einen Router hat „{0}“ nicht',
  'name with `like` a component whose router listens': 'mit `like` eine Komponente nennen, deren Router lauscht',

  // What looks like a secret.
  'an authorization header': 'ein Authorization-Header',
  'a private key': 'ein privater Schlüssel',
  'an address with a password': 'eine Adresse mit Passwort',
  'a connection string with a password': 'ein Connection-String mit Passwort',
  'an address with a token': 'eine Adresse mit Token',
  'a token of GitHub': 'ein Token von GitHub',
  'a token of GitLab': 'ein Token von GitLab',
  'a token of Slack': 'ein Token von Slack',
  'an address that lets anybody post': 'eine Adresse, über die jeder schreiben kann',
  'a key of AWS': 'ein Schlüssel von AWS',
  'a key of Google': 'ein Schlüssel von Google',
  'a key of Stripe': 'ein Schlüssel von Stripe',
  'a key of an AI provider': 'ein Schlüssel eines KI-Anbieters',
  'a token of Stellwerk': 'ein Token von Stellwerk',
  'a token of npm, PyPI or SendGrid': 'ein Token von npm, PyPI oder SendGrid',
  'a signed token (JWT)': 'ein signiertes Token (JWT)',
  'it holds {0}': 'darin steht {0}',
  'its name says that it is a secret': 'dem Namen nach ist es ein Geheimnis',
  'its value looks random': 'der Wert sieht zufällig aus',
  'holds {0}, which would stand in the plan and in the log for ever':
    'darin steht {0}; das stünde für immer im Plan und im Protokoll',
  'hand it over as one of the `secrets` of the component': 'als eines der `secrets` der Komponente übergeben',
  '`{ secret: NAME }`, since it holds {0}, or `{ public: … }` for what everybody may know':
    '`{ secret: NAME }`, denn darin steht {0}, oder `{ public: … }` für das, was jeder wissen darf',
  '`secrets: { {0}: { kind: env, name: {1} } }` of the component':
    '`secrets: { {0}: { kind: env, name: {1} } }` der Komponente',
  '{0}, since {1}, or `{ public: … }` for what everybody may know':
    '{0} ({1}), oder `{ public: … }` für das, was jeder wissen darf',
  // A HAProxy.
  'an absolute path': 'ein absoluter Pfad',
  'the name of a backend of haproxy.cfg': 'der Name eines Backends aus haproxy.cfg',
  'a cookie name': 'ein Cookie-Name',
  'an address of this machine such as 127.0.0.1:9514': 'eine Adresse dieser Maschine wie 127.0.0.1:9514',
  'where users reach it, such as https://shop.example.com': 'wo es erreichbar ist, etwa https://shop.example.com',
}
