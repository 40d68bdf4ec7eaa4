/** What is wrong in stellwerk.yaml and what most likely was meant. Keys and values stay as people wrote them. */
export const specProblems: Readonly<Record<string, string>> = {
  // The text itself.
  'the file has {0} bytes; at most {1} are read': 'die Datei hat {0} Bytes; gelesen werden höchstens {1}',
  'is not UTF-8 text': 'ist kein UTF-8-Text',
  'save the file as UTF-8': 'die Datei als UTF-8 speichern',
  'is nested deeper than {0} levels': 'ist tiefer als {0} Ebenen verschachtelt',
  'is nested deeper than {0} levels, or holds itself':
    'ist tiefer als {0} Ebenen verschachtelt oder enthält sich selbst',
  'the file holds more than {0} values': 'die Datei enthält mehr als {0} Werte',
  'a second YAML document starts here; one file holds one':
    'hier beginnt ein zweites YAML-Dokument; eine Datei enthält eines',
  'remove the "---"': 'das „---“ entfernen',
  'the file is empty': 'die Datei ist leer',
  'run `stellwerk init` for one to start from': '`stellwerk init` legt eine für den Anfang an',
  'YAML {0} is not read; expected YAML 1.2': 'YAML {0} wird nicht gelesen; erwartet: YAML 1.2',
  'a tab is used for indentation': 'zum Einrücken steht ein Tabulator',
  'use spaces': 'Leerzeichen verwenden',
  '{0}; tags are not read': '{0}; Tags werden nicht gelesen',
  'is not YAML: {0}': 'ist kein YAML: {0}',
  'the anchor &{0} is defined twice': 'der Anker &{0} ist zweimal definiert',
  'give each its own name': 'jedem einen eigenen Namen geben',
  'no anchor &{0} stands before this alias': 'vor diesem Alias steht kein Anker &{0}',
  'a key must be plain text': 'ein Schlüssel muss einfacher Text sein',
  '"<<" merges maps only': '„<<“ fügt nur Maps zusammen',
  'give it an alias of a map: <<: *name': 'ihm den Alias einer Map geben: <<: *name',
  'the key "{0}" stands here twice; the first would be lost':
    'der Schlüssel „{0}“ steht hier zweimal; der erste ginge verloren',
  'remove one of them': 'einen davon entfernen',
  'the key "__proto__" is refused': 'der Schlüssel „__proto__“ ist nicht erlaubt',
  'a key holds a character that no log can keep (NUL or half a pair)':
    'ein Schlüssel enthält ein Zeichen, das kein Protokoll speichern kann (NUL oder ein halbes Paar)',
  'holds a character that no log can keep (NUL or half a pair)':
    'enthält ein Zeichen, das kein Protokoll speichern kann (NUL oder ein halbes Paar)',
  'is not an exact, finite number': 'ist keine exakte, endliche Zahl',
  'put it in quotes if it is text': 'in Anführungszeichen setzen, wenn es Text ist',
  'there are more problems from here on; fix these first': 'ab hier gibt es weitere Probleme; zuerst diese beheben',

  // Keys and values.
  'expected {0}, found {1}': 'erwartet: {0}; gefunden: {1}',
  'expected a map that begins with `service:`, found {0}':
    'erwartet: eine Map, die mit `service:` beginnt; gefunden: {0}',
  'the key {0} is not a name that can stand here: expected {1}':
    'der Schlüssel {0} ist kein Name, der hier stehen kann; erwartet: {1}',
  '{0} is missing{1}: expected {2}': '{0} fehlt{1}; erwartet: {2}',
  ' in environment "{0}"': ' in der Umgebung „{0}“',
  '{0} is missing': '{0} fehlt',
  '{0} are missing': '{0} fehlen',
  '"{0}" is not supported by this version; it would have no effect':
    '„{0}“ kennt diese Version nicht; es hätte keine Wirkung',
  'unknown key "{0}"': 'unbekannter Schlüssel „{0}“',
  'remove it': 'entfernen',
  'it is called `{0}` now': 'das heißt jetzt `{0}`',
  '`{0}` belongs to the top level': '`{0}` gehört auf die oberste Ebene',
  '`{0}` belongs under `{1}`': '`{0}` gehört unter `{1}`',
  '{0}` or `{1}': '{0}` oder `{1}',
  '{0} or {1}': '{0} oder {1}',
  'did you mean `{0}`?': 'war `{0}` gemeint?',
  'did you mean "{0}"?': 'war „{0}“ gemeint?',
  'did you mean "${0}"?': 'war „${0}“ gemeint?',
  'known here: {0}': 'hier bekannt: {0}',
  'known: {0}': 'bekannt: {0}',
  'write {0}': '{0} schreiben',
  'write {0}%': '{0}% schreiben',
  'add the unit: {0}s': 'die Einheit ergänzen: {0}s',
  'put it in quotes': 'in Anführungszeichen setzen',

  // Names and people.
  'the component': 'die Komponente',
  'the role': 'die Rolle',
  'the group': 'die Gruppe',
  'the secret': 'das Geheimnis',
  'the secret of the environment': 'das Geheimnis der Umgebung',
  'secrets of the component': 'secrets der Komponente',
  'declare it under {0}': 'deklarieren unter {0}',
  '{0} "{1}" is not declared under {2}': '{0} „{1}“ ist nicht deklariert unter {2}',
  '{0} "{1}" has no effect: {2}, in no environment': '{0} „{1}“ hat keine Wirkung: {2}, in keiner Umgebung',
  'no approval and no `policy.weaken` asks for it': 'keine Freigabe und kein `policy.weaken` fragt danach',
  'no role of `people` names it': 'keine Rolle in `people` nennt sie',
  'remove it, or ask for it': 'entfernen oder danach fragen',
  '{0} is asked at {1} twice; one approval is given once':
    '{0} wird zu {1} zweimal gefragt; eine Freigabe wird einmal gegeben',
  '{0} cannot be an account of both {1}': '{0} kann nicht ein Konto von {1} zugleich sein',
  '"{0}" and "{1}" can be taken for each other': '„{0}“ und „{1}“ lassen sich verwechseln',
  'if it is one person, spell it one way; if there are two, give one of them another id':
    'ist es eine Person, sie nur auf eine Weise schreiben; sind es zwei, einer davon eine andere ID geben',
  '{0} is neither a pseudonym such as person:alex nor an e-mail address':
    '{0} ist weder ein Pseudonym wie person:alex noch eine E-Mail-Adresse',
  'pin it again with --author': 'mit --author noch einmal festhalten',
  'nobody knows whose address {0} is, so an author could approve this release unseen':
    'wem die Adresse {0} gehört, ist nicht bekannt; so könnte ein Autor dieses Releases unbemerkt freigeben',
  'say whose it is: accounts: { alex: ["{0}"] }': 'sagen, wem sie gehört: accounts: { alex: ["{0}"] }',

  // Components.
  'components is missing: expected a map of what is released':
    'components fehlt; erwartet: eine Map dessen, was released wird',
  'for example `components: { api: {} }`': 'zum Beispiel `components: { api: {} }`',
  'the component "{0}" is not declared under `components` at the top level':
    'die Komponente „{0}“ ist auf der obersten Ebene nicht unter `components` deklariert',
  'declare it: components: { {0}: {} }': 'deklarieren: components: { {0}: {} }',
  'a service has at least one component': 'ein Dienst hat mindestens eine Komponente',
  'the order runs in a circle: {0}': 'die Reihenfolge läuft im Kreis: {0}',
  '{0} after {1}': '{0} nach {1}',
  'remove one `after` of it': 'eines der `after` entfernen',
  'no component has a router, so there is no traffic to shift and nothing to judge':
    'keine Komponente hat einen Router; so gibt es keinen Verkehr umzuleiten und nichts zu beurteilen',
  'give one component a `router`': 'einer Komponente einen `router` geben',
  '{0} has no router, so it gets no traffic': '{0} hat keinen Router und bekommt deshalb keinen Verkehr',
  'take it away': 'weglassen',
  'a service of which every request fails is not as it should be':
    'ein Service, dessen Anfragen alle scheitern, ist nicht, wie er sein soll',
  '{0} is a variable and a secret of the same component; only one can be its value':
    '{0} ist Variable und Geheimnis derselben Komponente; nur eines kann der Wert sein',
  '{0} is set by the platform and cannot be set here': '{0} setzt die Plattform; hier geht das nicht',
  'give each its own port, or the IP address of its own machine':
    'jedem einen eigenen Port oder die IP-Adresse seiner eigenen Maschine geben',
  '{0} is where {1} listens already{2}{3}': 'auf {0} lauscht schon {1}{2}{3}',
  ' (as {0})': ' (als {0})',
  '{0} is the cookie of {1} already; browsers send cookies by host name, whatever the port':
    '{0} ist schon das Cookie von {1}; Browser senden Cookies nach Hostnamen, gleich welcher Port',
  'nothing in `notify` or `metrics` names {0}, so it would have no effect':
    'nichts in `notify` oder `metrics` nennt {0}; es hätte keine Wirkung',
  'a secret of one component belongs under `components.NAME.secrets`':
    'das Geheimnis einer Komponente gehört unter `components.NAME.secrets`',

  // Steps, gates, smoke.
  'expected more than the {0}% of the step before, found {1}%':
    'erwartet: mehr als die {0}% der Stufe davor; gefunden: {1}%',
  'the last step must be 100%, found {0}%': 'die letzte Stufe muss 100% sein; gefunden: {0}%',
  'add 100% as the last step': '100% als letzte Stufe ergänzen',
  '"{0}" is in no folder: a command gate runs in an empty one unless it names its own':
    '„{0}“ liegt in keinem Ordner: Ein Command-Gate läuft in einem leeren, solange es keinen eigenen nennt',
  'add folder: ops, with the script in it': 'folder: ops ergänzen, mit dem Skript darin',
  'one request may not wait longer than the whole suite (rollout.limits.smoke)':
    'eine Anfrage darf nicht länger warten als alle zusammen (rollout.limits.smoke)',
  'another check is called "{0}" already': 'so heißt schon eine andere Prüfung: „{0}“',
  'a {0} request carries no body': 'eine {0}-Anfrage hat keinen Body',
  'use POST': 'POST verwenden',
  'more than one component has a router: `component` must say which one is asked':
    'mehr als eine Komponente hat einen Router: `component` muss sagen, welche gefragt wird',
  '{0} has no router, so no request reaches it': '{0} hat keinen Router; keine Anfrage kommt dort an',

  // Rules.
  'this entry limits nothing: expected {0}': 'dieser Eintrag begrenzt nichts; erwartet: {0}',
  '`max`, `trigger`, or `relativeTo` with `margin` and `for`':
    '`max`, `trigger` oder `relativeTo` mit `margin` und `for`',
  '`max`, `trigger` or both': '`max`, `trigger` oder beide',
  'a limit (`max`, `min`, `trigger`), a comparison (`relativeTo`, `margin`, `for`) or `silence`':
    'eine Grenze (`max`, `min`, `trigger`), ein Vergleich (`relativeTo`, `margin`, `for`) oder `silence`',
  'one entry is one rule: {0}': 'ein Eintrag ist eine Regel: {0}',
  'one entry is one rule: a limit (`max`, `trigger`) or a comparison (`relativeTo`, `margin`, `for`)':
    'ein Eintrag ist eine Regel: eine Grenze (`max`, `trigger`) oder ein Vergleich (`relativeTo`, `margin`, `for`)',
  'write two entries': 'zwei Einträge schreiben',
  'the trigger is below `max`: it would roll back what may advance':
    'der Trigger liegt unter `max`: Er nähme zurück, was weitergehen darf',
  'raise `above`': '`above` erhöhen',
  'the trigger is above `min`: it would roll back what may advance':
    'der Trigger liegt über `min`: Er nähme zurück, was weitergehen darf',
  'lower `below`': '`below` senken',
  '`min` is above `max`: nothing is within both': '`min` liegt über `max`: Beides zugleich hält nichts ein',
  'lower `above`': '`above` senken',
  '{0}% on live leave the candidate {1}%, no more than the {2}% of the step before the last one':
    '{0}% auf live lassen dem Kandidaten {1}%, nicht mehr als die {2}% des vorletzten Schritts',
  'choose a smaller share, or leave out the step of {0}%':
    'einen kleineren Anteil wählen oder den Schritt mit {0}% weglassen',
  'a window of {0} is shorter than `rollout.tick` ({1}): numbers are read once a tick, so it would be {2} long all the same':
    'ein Fenster von {0} ist kürzer als `rollout.tick` ({1}): Zahlen werden je Tick einmal gelesen, also wäre es trotzdem {2} lang',
  'write {0} or longer, or `rollout: { tick: {1} }`': '{0} oder länger schreiben, oder `rollout: { tick: {1} }`',
  'lower it': 'senken',
  'no share is ever above 100%, so `{0}` would have no effect':
    'kein Anteil liegt je über 100%; `{0}` hätte keine Wirkung',
  'no rule has `compare: sequential`, so `{0}` would have no effect':
    'keine Regel hat `compare: sequential`; `{0}` hätte keine Wirkung',
  'remove it, or add `{ metric: error-rate, compare: sequential }` to the rules':
    'entfernen, oder `{ metric: error-rate, compare: sequential }` zu den Regeln setzen',
  '`tolerance` belongs to `compare: sequential`': '`tolerance` gehört zu `compare: sequential`',
  '`compare: sequential` needs no {0}: it looks all the time':
    '`compare: sequential` braucht kein {0}: Es schaut die ganze Zeit',
  '{0} and no {1}': '{0} und kein {1}',
  'a comparison needs `relativeTo`, `margin` and `for`: {0}':
    'ein Vergleich braucht `relativeTo`, `margin` und `for`: {0}',
  '`relativeTo: live` compares two slots, yet the query asks of none':
    '`relativeTo: live` vergleicht zwei Slots, doch die Abfrage fragt nach keinem',
  'narrow the query with `$slot`, such as {slot="$slot"}, or say `relativeTo: before`':
    'die Abfrage mit `$slot` eingrenzen, etwa {slot="$slot"}, oder `relativeTo: before` schreiben',
  'the query answers {0}, which cannot be compared with {1}':
    'die Abfrage antwortet in {0}; damit nicht vergleichbar: {1}',
  'nothing is filled in for "${0}" in a query': 'für „${0}“ wird in einer Abfrage nichts eingesetzt',
  'known: {0}; write a window as it is, such as [5m]': 'bekannt: {0}; ein Fenster ausschreiben, etwa [5m]',
  'the query is not complete: {0}': 'die Abfrage ist nicht vollständig: {0}',
  'try it in Prometheus first': 'zuerst in Prometheus ausprobieren',
  'a {0} is not closed': 'ein {0} wird nicht geschlossen',
  'a {0} closes nothing': 'ein {0} schließt nichts',
  'a {0} is missing': 'ein {0} fehlt',
  '"{0}" stands there twice: a request counts once': '„{0}“ steht zweimal da: eine Anfrage zählt einmal',
  '`metrics: { kind: {0} }` as it stands tells no segments of the traffic, so none could be judged':
    '`metrics: { kind: {0} }` nennt so keine Segmente der Anfragen; keines könnte beurteilt werden',
  'name the label that tells routes apart, `metrics: { segmentLabel: route, … }`, or count with `metrics: { kind: router }`':
    'das Label nennen, das Routen unterscheidet, `metrics: { segmentLabel: route, … }`, oder mit `metrics: { kind: router }` zählen',
  '"{0}" is no route: expected a method and a pattern of paths, with `*` only as the method or as the last part':
    '„{0}“ ist keine Route: erwartet sind eine Methode und ein Muster von Pfaden, `*` nur als Methode oder als letzter Teil',
  'write it like "GET /orders/:id" or "* /static/*", and letters beyond ASCII as clients send them: "/k%C3%A4se"':
    'wie „GET /orders/:id“ oder „* /static/*“ schreiben, und Buchstaben außerhalb von ASCII so, wie Clients sie senden: „/k%C3%A4se“',
  '`metrics: { kind: {0} }` answers no queries, so nobody could be asked this one':
    '`metrics: { kind: {0} }` beantwortet keine Abfragen; auch diese könnte niemand beantworten',
  'say `metrics: { kind: {0}, … }`': '`metrics: { kind: {0}, … }` schreiben',
  'the component "{0}" has no router, so that users never meet its candidate and it is not judged':
    'die Komponente „{0}“ hat keinen Router; Nutzer treffen nie auf ihren Kandidaten, und er wird nicht beurteilt',
  'leave `component` out, or name one that has': '`component` weglassen oder eine mit Router nennen',

  // An environment, an artifact and the inputs of a release together.
  'there is no environment "{0}" in the spec': 'in der Spec gibt es keine Umgebung „{0}“',
  'no component "{0}" is declared': 'eine Komponente „{0}“ ist nicht deklariert',
  'the artifact has no component "{0}", which the spec declares ({1})':
    'das Artefakt hat keine Komponente „{0}“, die die Spec deklariert ({1})',
  'pin it with `--component {0}=REF`': 'mit `--component {0}=REF` festhalten',
  'the artifact\'s component "{0}" is not declared in the spec':
    'die Komponente „{0}“ des Artefakts ist in der Spec nicht deklariert',
  '{0} is {1}; the platform "{2}" runs {3} only': '{0} ist {1}; die Plattform „{2}“ führt nur {3} aus',
  'pin what this platform runs, or give {0} another platform ({1})':
    'festhalten, was diese Plattform ausführt, oder {0} eine andere Plattform geben ({1})',
  'a folder or archive': 'ein Ordner oder Archiv',
  'an image': 'ein Image',
  'a URL': 'eine URL',
  'a commit': 'ein Commit',
  'is a mutable reference; must be {0}': 'ist eine veränderliche Referenz; nötig: {0}',
  'names another digest than {0}, which stands beside it; must be the same':
    'nennt einen anderen Digest als {0}, der daneben steht; nötig: derselbe',
  'a full commit hash of 40 or 64 hex digits': 'ein voller Commit-Hash aus 40 oder 64 Hex-Ziffern',
  'must be the http(s) URL of the build': 'muss die http(s)-URL des Builds sein',
  'a version of its own': 'eine eigene Version',
  '"sha256:" and 64 hex digits': '„sha256:“ und 64 Hex-Ziffern',
  'pin it with `stellwerk artifact pin`': 'mit `stellwerk artifact pin` festhalten',
  'the flag {0} {1}': 'das Flag {0} {1}',
  'is another spelling of a flag given already': 'ist eine andere Schreibweise eines Flags, das schon angegeben ist',
  'is not a name of letters, digits, dashes and underscores that starts with a letter':
    'ist kein Name aus Buchstaben, Ziffern, Binde- und Unterstrichen, der mit einem Buchstaben beginnt',
  'is no place for a secret ({0}): it would stand in the log for ever':
    'ist kein Ort für ein Geheimnis ({0}): Es stünde für immer im Protokoll',
  'has a value of more than {0} characters': 'hat einen Wert von mehr als {0} Zeichen',
  'has a value that no program can be given': 'hat einen Wert, der sich keinem Programm geben lässt',
  'the plan breaks the interlock {0}: {1}': 'der Plan verletzt den Interlock {0}: {1}',
  'the folder {0} of the gate {1} cannot be read where the control plane runs: {2}':
    'der Ordner {0} des Gates {1} lässt sich dort, wo die Control Plane läuft, nicht lesen: {2}',
}
