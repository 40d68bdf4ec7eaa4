/** The judge by itself: what it reads, what it cannot use, what it says. */
export const judge: Readonly<Record<string, string>> = {
  // The verb.
  "Judge a candidate by its counts beside live's, whatever tool releases it":
    'Einen Kandidaten nach seinen Zahlen neben denen von live beurteilen, womit auch immer er ausgeliefert wird',
  'Reads what both sides did, tick by tick, and judges it by the rules and the code of a rollout: errors and latencies compared with live beyond chance, and limits. Exit code 0: it may go on; 1: take it back, or do not go on; 11: too little evidence, or none, so wait and judge again. Asks no control plane and needs no stellwerk.yaml.':
    'Liest Tick für Tick, was beide Seiten taten, und urteilt nach den Regeln und mit dem Code eines Rollouts: Fehler und Latenzen im Vergleich mit live über den Zufall hinaus, und Grenzen. Exit-Code 0: es darf weitergehen; 1: zurücknehmen oder nicht weitergehen; 11: zu wenig oder kein Beleg, also warten und noch einmal urteilen. Fragt keine Control Plane und braucht keine stellwerk.yaml.',
  'Counts of the candidate, CSV or a JSON object a line': 'Zahlen des Kandidaten, CSV oder ein JSON-Objekt je Zeile',
  "Counts of live at the same times; those before the candidate's first are its past":
    'Zahlen von live zu denselben Zeiten; die vor der ersten des Kandidaten sind die Vergangenheit',
  'Length of a tick; default the usual distance of two lines':
    'Länge eines Ticks; ohne Angabe der übliche Abstand zweier Zeilen',
  'Requests of the candidate that a pass needs': 'Anfragen des Kandidaten, die zum Bestehen nötig sind',
  'Time of the candidate that a pass needs': 'Zeit des Kandidaten, die zum Bestehen nötig ist',
  "So long after the candidate's first tick it is not compared with live, and only what is far above a limit counts; default 60s, or as the rules have it":
    'So lange nach dem ersten Tick des Kandidaten wird er nicht mit live verglichen, und nur was weit über einer Grenze liegt, zählt; Vorgabe 60s, oder wie die Regeln es haben',
  'So long a difference from live that breaks no limit is held before it demands a rollback; default 10m, or as the rules have it':
    'So lange wird ein Unterschied zu live, der keine Grenze verletzt, angehalten, bevor er einen Rollback verlangt; Vorgabe 10m, oder wie die Regeln es haben',
  'What share of requests may fail whatever live does, for example 1%; default 2%':
    'Welcher Anteil der Anfragen scheitern darf, was auch immer live tut, zum Beispiel 1%; ohne Angabe 2%',
  'What the p95 latency may be whatever live does, for example 800ms, or of another quantile: p99=2s; default 500ms':
    'Was die p95-Latenz sein darf, was auch immer live tut, zum Beispiel 800ms, oder ein anderes Quantil: p99=2s; ohne Angabe 500ms',
  'Rules instead of the default ones: a YAML file with a section "analysis", as in stellwerk.yaml':
    'Regeln anstelle der üblichen: eine YAML-Datei mit einem Abschnitt „analysis“ wie in stellwerk.yaml',

  // What it says.
  'the candidate may go on': 'der Kandidat darf weitergehen',
  'take the candidate back': 'den Kandidaten zurücknehmen',
  'do not go on, and have a person look': 'nicht weitergehen, und jemanden nachsehen lassen',
  'do not go on: live breaks the same limit, so going back would not mend it':
    'nicht weitergehen: live verletzt dieselbe Grenze, ein Rollback würde also nichts bessern',
  'too little evidence so far; wait, and judge again': 'bisher zu wenig Evidenz; warten und noch einmal urteilen',
  'nothing can be concluded from these counts': 'aus diesen Zahlen lässt sich nichts schließen',
  'judged {0} ticks of {1}, {2}': 'beurteilt: {0} Ticks von {1}, {2}',
  '{0}; it was decided then, {1} later ticks change nothing':
    '{0}; damit war es entschieden, {1} spätere Ticks ändern nichts',
  '{0}; live has nothing beside the candidate, so its past stands for it':
    '{0}; neben dem Kandidaten hat live nichts, also steht seine Vergangenheit für live',
  segment: 'Segment',
  evidence: 'Evidenz',
  "candidate's errors": 'Fehler des Kandidaten',
  "live's errors": 'Fehler von live',
  'of a segment, evidence {0} demands a rollback': 'bei einem Segment verlangt Evidenz {0} einen Rollback',
  '{0}; {1} more have less': '{0}; {1} weitere haben weniger',
  'beyond every edge': 'jenseits aller Grenzen',
  'evidence: {0} for a rollback ({1} demand one), {2} for holding ({3}), {4} for going on ({5})':
    'Evidenz: {0} für einen Rollback (ab {1} nötig), {2} für das Halten ({3}), {4} für das Weitergehen ({5})',

  // The picture.
  'Write a picture of it: errors, latencies and evidence over time':
    'Ein Bild davon schreiben: Fehler, Latenzen und Evidenz über die Zeit',
  '--plot "{0}" is not a name for a picture': '--plot „{0}“ ist kein Name für ein Bild',
  'it is an SVG, so its name ends in .svg': 'es ist ein SVG, also endet der Name auf .svg',
  'cannot write the picture {0}': 'das Bild {0} ist nicht zu schreiben',
  'evidence against the candidate': 'Evidenz gegen den Kandidaten',
  'for holding': 'für das Halten',
  'for a rollback': 'für einen Rollback',
  rollback: 'Rollback',
  hold: 'halten',
  'limit {0}': 'Grenze {0}',
  'decided {0}': 'entschieden {0}',

  // A Prometheus.
  'Read the counts of this Prometheus; --candidate and --live are then what tells their series apart, {slot="green"}':
    'Die Zahlen dieses Prometheus lesen; --candidate und --live sind dann, was ihre Reihen unterscheidet, {slot="green"}',
  'With --prometheus: counter of all requests; default http_requests_total':
    'Mit --prometheus: Zähler aller Anfragen; ohne Angabe http_requests_total',
  'With --prometheus: counter of failed ones; default the requests with status=~"5.."':
    'Mit --prometheus: Zähler der gescheiterten; ohne Angabe die Anfragen mit status=~"5.."',
  'With --prometheus: buckets of a classic histogram of response times, in seconds; without it only errors are judged':
    'Mit --prometheus: Buckets eines klassischen Histogramms der Antwortzeiten, in Sekunden; ohne sie werden nur Fehler beurteilt',
  'With --latency: unit of its edges; default seconds': 'Mit --latency: Einheit der Grenzen; ohne Angabe Sekunden',
  'With --prometheus: judge each value of this label by itself as well, for example route':
    'Mit --prometheus: auch jeden Wert dieses Labels für sich beurteilen, zum Beispiel route',
  '--segment-by "{0}" is not a label': '--segment-by „{0}“ ist kein Label',
  'it must be the name of a label that the requests have': 'nötig ist der Name eines Labels, das die Anfragen haben',
  'With --prometheus: how far back to look; default 30m': 'Mit --prometheus: wie weit zurück; ohne Angabe 30m',
  'With --prometheus: the end, for example 2026-11-30T12:00:00Z; default now':
    'Mit --prometheus: das Ende, zum Beispiel 2026-11-30T12:00:00Z; ohne Angabe jetzt',
  'With --prometheus: length of a tick, not below the scrape interval; default 15s':
    'Mit --prometheus: Länge eines Ticks, nicht kürzer als der Scrape-Abstand; ohne Angabe 15s',
  'it is about series of a Prometheus, and none is read':
    'es betrifft Reihen eines Prometheus, und keiner wird gelesen',
  'give --prometheus URL as well, or leave it out': 'auch --prometheus URL angeben, oder es weglassen',
  '--prometheus "{0}" is not an address': '--prometheus „{0}“ ist keine Adresse',
  'it must be an http(s) URL without user name, password and query; secrets come by STELLWERK_PROMETHEUS_TOKEN or STELLWERK_PROMETHEUS_LOGIN':
    'nötig ist eine http(s)-URL ohne Benutzernamen, Passwort und Query; Geheimnisse kommen über STELLWERK_PROMETHEUS_TOKEN oder STELLWERK_PROMETHEUS_LOGIN',
  '{0} "{1}" is not a selector': '{0} „{1}“ ist kein Selektor',
  'it must be the name of a counter and its labels; functions such as rate() are not applied to it':
    'nötig ist der Name eines Zählers mit seinen Labels; Funktionen wie rate() gehören nicht dazu',
  '--latency "{0}" is not a histogram': '--latency „{0}“ ist kein Histogramm',
  "the name of a classic histogram's buckets ends in _bucket":
    'der Name der Buckets eines klassischen Histogramms endet auf _bucket',
  '{0} "{1}" tells no series apart': '{0} „{1}“ unterscheidet keine Reihen',
  'with --prometheus it must be labels in braces': 'mit --prometheus sind es Labels in geschweiften Klammern',
  '--to "{0}" is not a point in time': '--to „{0}“ ist kein Zeitpunkt',
  'it must be a date and time with its zone': 'nötig sind Datum und Uhrzeit mit Zeitzone',
  '{0} "{1}" is too short': '{0} „{1}“ ist zu kurz',
  'it must be at least 1s': 'nötig ist mindestens 1s',
  '--tick would have no effect': '--tick hätte keine Wirkung',
  'a Prometheus is asked by --step': 'ein Prometheus wird mit --step gefragt',
  'cannot read the counts of both sides': 'die Zahlen beider Seiten sind nicht zu lesen',
  'docs/guides/judge.md explains the options': 'docs/guides/judge.md erklärt die Optionen',
  'set {0}, or {1}': '{0} oder {1} setzen',
  'judge again when it answers': 'noch einmal urteilen, wenn er antwortet',
  'Bearer token for the Prometheus of "judge".': 'Bearer-Token für den Prometheus von „judge“.',
  'USER:PASSWORD for the Prometheus of "judge", where it has no token.':
    'BENUTZER:PASSWORT für den Prometheus von „judge“, wo es kein Token gibt.',

  // Files.
  'cannot judge these counts': 'diese Zahlen lassen sich nicht beurteilen',
  'cannot read the counts in {0}': 'die Zahlen in {0} sind nicht zu lesen',
  'docs/guides/judge.md shows both formats': 'docs/guides/judge.md zeigt beide Formate',
  'one line cannot be used': 'eine Zeile ist nicht zu gebrauchen',
  '{0} lines cannot be used': '{0} Zeilen sind nicht zu gebrauchen',
  'it has {0} bytes; at most {1} are read: take longer ticks':
    'sie hat {0} Bytes; höchstens {1} werden gelesen: längere Ticks nehmen',
  'it is no UTF-8 text': 'sie ist kein UTF-8-Text',
  'there is a header and no line of counts below it': 'unter der Kopfzeile steht keine Zeile mit Zahlen',
  'time is not later than that of the line before: sort the lines, one for each tick':
    'time liegt nicht nach der Zeile davor: die Zeilen ordnen, eine für jeden Tick',
  'time is {0}; expected a moment with its zone ({1}), or seconds or milliseconds since 1970':
    'time ist {0}; erwartet wird ein Zeitpunkt mit Zeitzone ({1}) oder Sekunden oder Millisekunden seit 1970',
  '{0} is missing; write 0 where nothing was counted, and no line where nobody looked':
    '{0} fehlt; 0 schreiben, wo nichts gezählt wurde, und keine Zeile, wo niemand nachsah',
  '--tick "{0}" cannot be read': '--tick „{0}“ ist nicht zu lesen',
  '--max-latency "{0}" cannot be read': '--max-latency „{0}“ ist nicht zu lesen',
  'what stands before = must be p50, p95 or p99': 'vor = steht p50, p95 oder p99',
  'in a tick of no length nothing happens': 'in einem Tick ohne Länge geschieht nichts',
  '{0} is {1}; expected a count, 0 or more and below 2^53':
    '{0} ist {1}; erwartet wird eine Anzahl, 0 oder mehr und unter 2^53',
  'there are more errors ({0}) than requests ({1}): requests are all that were answered, failed ones among them':
    'es gibt mehr Fehler ({0}) als Anfragen ({1}): Anfragen sind alle, auch die gescheiterten',
  '"{0}" is no edge of a histogram; expected a time with its unit (300ms, 0.3s) or +Inf':
    '„{0}“ ist keine Grenze eines Histogramms; erwartet wird eine Zeit mit Einheit (300ms, 0.3s) oder +Inf',
  'fewer requests took at most {0} than less: each count holds those before it, as le of a Prometheus does':
    'weniger Anfragen dauerten höchstens {0} als weniger lang: jede Anzahl enthält die davor, wie le eines Prometheus',
  'the latencies have no le=+Inf, which counts all of them': 'den Latenzen fehlt le=+Inf, das alle zählt',
  'the segment "{0}" has a line at this time already': 'das Segment „{0}“ hat zu dieser Zeit schon eine Zeile',
  'the latencies have other edges than those of the segments beside it':
    'die Latenzen haben andere Grenzen als die der Segmente daneben',
  'segment is empty or no text; expected a name of up to {0} characters, such as GET /orders':
    'segment ist leer oder kein Text; erwartet wird ein Name mit bis zu {0} Zeichen, wie GET /orders',
  'some lines name a segment and some do not: name one in all of them, or in none':
    'manche Zeilen nennen ein Segment und manche nicht: in allen eines nennen, oder in keiner',
  'is not one JSON object': 'ist kein JSON-Objekt',
  '"{0}" is not known; known are {1}': '„{0}“ ist unbekannt; bekannt sind {1}',
  'has {0} values; the header has {1}': 'hat {0} Werte; die Kopfzeile hat {1}',
  'the first line names no column {0}; expected a header such as {1}, or one JSON object a line':
    'die erste Zeile nennt keine Spalte {0}; erwartet wird eine Kopfzeile wie {1}, oder ein JSON-Objekt je Zeile',
  'the column "{0}" is there twice': 'die Spalte „{0}“ gibt es zweimal',
  'the column "{0}" is not known; expected a header such as {1}':
    'die Spalte „{0}“ ist unbekannt; erwartet wird eine Kopfzeile wie {1}',

  // Both together.
  'tells no segments, and the other side does: both need them, or neither':
    'nennt keine Segmente, und die andere Seite nennt welche: beide brauchen sie, oder keine',
  'there are no counts': 'es gibt keine Zahlen',
  'one tick does not say how long it is: say its length, or give more of them':
    'ein einziger Tick sagt nicht, wie lang er ist: seine Länge angeben, oder mehr Ticks',
  'the other side has nothing at this time: both need a line for each tick, with 0 where nothing was asked':
    'die andere Seite hat zu dieser Zeit nichts: beide brauchen eine Zeile je Tick, mit 0, wo nichts gefragt wurde',
  "the candidate's counts end before this one: leave out what cannot be compared":
    'die Zahlen des Kandidaten enden vorher: weglassen, was sich nicht vergleichen lässt',

  // Rules and options.
  '--min-requests "{0}" cannot be read': '--min-requests „{0}“ ist nicht zu lesen',
  'it must be a whole number, 1 or more: no request at all is never enough':
    'nötig ist eine ganze Zahl ab 1: gar keine Anfrage ist nie genug',
  '--max-errors "{0}" cannot be read': '--max-errors „{0}“ ist nicht zu lesen',
  'it must be a percentage above 0% and below 100%': 'nötig ist ein Prozentsatz über 0% und unter 100%',
  '--max-latency would have no effect': '--max-latency hätte keine Wirkung',
  'a side has no latencies': 'einer Seite fehlen die Latenzen',
  'give counts with latencies, or leave the option out': 'Zahlen mit Latenzen angeben, oder die Option weglassen',
  '{0} would have no effect': '{0} hätte keine Wirkung',
  '--rules says all that is judged': '--rules sagt alles, was beurteilt wird',
  'write the limit into the file, or leave one of the two out':
    'die Grenze in die Datei schreiben, oder eines von beiden weglassen',
  'cannot read the rules in {0}': 'die Regeln in {0} sind nicht zu lesen',
  'name a YAML file with a section "analysis"': 'eine YAML-Datei mit einem Abschnitt „analysis“ nennen',
  'cannot use these rules': 'diese Regeln sind nicht zu gebrauchen',
  'docs/guides/analysis-rules.md explains the rules': 'docs/guides/analysis-rules.md erklärt die Regeln',
  'expected a map that begins with `analysis:`, found {0}':
    'erwartet wird eine Map, die mit `analysis:` beginnt, gefunden {0}',
  'counts of requests have no answer to a query of your own':
    'Zahlen von Anfragen haben auf eine eigene Abfrage keine Antwort',
  '{0} is what a platform sees; counts of requests do not hold it':
    '{0} sieht eine Plattform; in Zahlen von Anfragen steht es nicht',
  '`max` of a comparison must be above 0% and below 100%': '`max` eines Vergleichs muss über 0% und unter 100% liegen',
  '`max` of a comparison must be above 0ms': '`max` eines Vergleichs muss über 0ms liegen',
  'segments would have no effect': 'Segmente hätten keine Wirkung',
  'they are judged by `compare: sequential`, and no rule compares':
    'sie werden mit `compare: sequential` beurteilt, und keine Regel vergleicht',
  'add such a rule, or leave the segments out': 'eine solche Regel ergänzen, oder die Segmente weglassen',
  'one entry compares already; one for errors and one for a latency is all':
    'ein Eintrag vergleicht schon; mehr als einer für Fehler und einer für eine Latenz geht nicht',
}
