/** What rules say of what was measured. */
export const analysis: Readonly<Record<string, string>> = {
  // What every verdict is made of.
  ', {0} instead of {1} to hold enough requests': ', {0} statt {1}, um genug Anfragen zu halten',
  'error rate': 'Fehlerrate',
  // Of one segment of the traffic.
  "of live's, none was counted": 'von denen bei live wurde keine gezählt',
  "of live's, {0} of {1} did": 'von denen bei live {0} von {1}',
  failed: 'fehlerhaft',
  'took longer than {0}': 'langsamer als {0}',
  'evidence {0}, {1} demand it of one segment': 'Evidenz {0}, von einem Segment werden {1} verlangt',
  '{0} of {1} requests {2}': '{0} von {1} Anfragen {2}',
  '{0} is bad at the candidate: {1}, {2} ({3}); this demands a rollback':
    '{0} ist beim Kandidaten schlecht: {1}, {2} ({3}); das verlangt einen Rollback',
  'above all at {0}: {1}, {2}': 'vor allem bei {0}: {1}, {2}',
  'log lines': 'Logzeilen',
  memory: 'Speicher',
  'p50 latency': 'p50-Latenz',
  'p95 latency': 'p95-Latenz',
  'p99 latency': 'p99-Latenz',
  'share of failed readiness probes': 'Anteil fehlgeschlagener Readiness-Prüfungen',
  'none counted': 'nichts gezählt',
  'nothing counted': 'nichts gezählt',
  unknown: 'unbekannt',
  live: 'live',
  errors: 'Fehler',
  requests: 'Anfragen',
  probes: 'Prüfungen',
  looks: 'Blicke',
  '1 look': '1 Blick',
  '{0} looks': '{0} Blicke',
  '{0} requests': '{0} Anfragen',
  '{0} errors': '{0} Fehler',
  '{0} ({1} of {2} requests)': '{0} ({1} von {2} Anfragen)',
  '{0} of {1} requests': '{0} von {1} Anfragen',
  '{0} of {1} {2}': '{0} von {1} {2}',
  '{0} and {1}': '{0} und {1}',
  '{0} and {1} requests': '{0} und {1} Anfragen',
  '{0} for {1}': '{0} für {1}',
  '{0} against {1}': '{0} gegenüber {1}',
  '{0} of the candidate': '{0} des Kandidaten',
  '{0} is unknown: {1}': '{0} ist unbekannt: {1}',
  'no evidence': 'kein Beleg',
  'no evidence: {0}': 'kein Beleg: {0}',
  'nothing yet': 'noch nichts',
  'no limit': 'keine Grenze',
  'no margin': 'kein Spielraum',
  'nothing to compare': 'nichts zu vergleichen',
  above: 'über',
  below: 'unter',
  within: 'innerhalb von',
  'above or below': 'über oder unter',
  'so far': 'bisher',

  // Why nothing can be said.
  'nothing can be said about {0}: {1}': 'über {0} lässt sich nichts sagen: {1}',
  'no step has begun': 'noch hat kein Schritt begonnen',
  'the newest measurement is unusable, {0}': 'die neueste Messung ist unbrauchbar, {0}',
  'there is no measurement yet': 'es gibt noch keine Messung',
  'there is no measurement yet{0}': 'es gibt noch keine Messung{0}',
  'the newest measurement is {0} old (at most {1}){2}': 'die neueste Messung ist {0} alt (höchstens {1}){2}',
  '{0} may pass, {1} ticks': '{0} dürfen vergehen, {1} Ticks',
  'the newest measurement lies {0} in the future': 'die neueste Messung liegt {0} in der Zukunft',
  'rule {0} names no usable limit ({1}), so nothing can pass it':
    'Regel {0} nennt keine brauchbare Grenze ({1}), also kann sie nichts bestehen',
  'rule {0} names no usable margin ({1}), so nothing can pass it':
    'Regel {0} nennt keinen brauchbaren Spielraum ({1}), also kann sie nichts bestehen',
  'rule {0} names no usable margin ({1}, {2}), so nothing can pass it':
    'Regel {0} nennt keinen brauchbaren Spielraum ({1}, {2}), also kann sie nichts bestehen',
  'requests were counted, but no latency': 'Anfragen wurden gezählt, aber keine Latenz',
  'the platform could not tell when last asked': 'die Plattform wusste es nicht, als sie zuletzt gefragt wurde',
  'no whole tick with the candidate at {0} % has been observed yet':
    'noch wurde kein ganzer Tick mit dem Kandidaten bei {0} % beobachtet',
  'the metrics source answered nothing to its query': 'die Metrik-Quelle hat auf die Abfrage nichts geantwortet',

  // Evidence, and a candidate that answers nothing.
  'at least {0} requests of the candidate': 'mindestens {0} Anfragen an den Kandidaten',
  '{0} observed with {1}': '{0} beobachtet mit {1}',
  '{0} with {1} requests of the candidate': '{0} mit {1} Anfragen an den Kandidaten',
  'no rule says what would be good enough, so nothing can be':
    'keine Regel sagt, was gut genug wäre, also kann nichts gut genug sein',
  'observed {0} since the step began, which is enough': 'seit Beginn des Schritts {0} beobachtet, das genügt',
  'observed {0} since the step began; needed are {1}': 'seit Beginn des Schritts {0} beobachtet; nötig sind {1}',
  'the candidate completed no request in the last {0} ticks although it is given traffic':
    'der Kandidat hat in den letzten {0} Ticks keine Anfrage beantwortet, obwohl er Verkehr bekommt',
  'answers; never {0} ticks without one while a request waits over {1}':
    'Antworten; nie {0} Ticks ohne eine, während eine Anfrage länger als {1} wartet',
  'no request waits': 'keine Anfrage wartet',
  'no request waits for an answer': 'keine Anfrage wartet auf Antwort',
  'the candidate answers its requests': 'der Kandidat beantwortet seine Anfragen',
  'the candidate hangs: {0} and it completed none in the last {1} ticks':
    'der Kandidat hängt: {0}, und in den letzten {1} Ticks hat er keine beantwortet',
  'the candidate was not seen to answer lately: {0}': 'der Kandidat hat zuletzt nicht geantwortet: {0}',
  'the oldest waiting request is {0} old': 'die älteste wartende Anfrage ist {0} alt',
  '{0} ticks without an answer, {1}': '{0} Ticks ohne Antwort, {1}',

  // Declared limits.
  '{0} of the candidate was {1} ({2}': '{0} des Kandidaten: {1} ({2}',
  '{0} of the candidate is unknown (': '{0} des Kandidaten ist unbekannt (',
  '{0} of the candidate is unknown: {1}': '{0} des Kandidaten ist unbekannt: {1}',
  '{0}, above {1}': '{0}, über {1}',
  '{0}, within {1}': '{0}, innerhalb von {1}',
  'the {0} it may have to advance': 'den {0}, mit denen es weitergehen darf',
  'the {0} it may have to advance{1}': 'den {0}, mit denen es weitergehen darf{1}',
  '{0}, within the {1} that demand a rollback when exceeded for {2}':
    '{0}, innerhalb der {1}, deren Überschreitung für {2} einen Rollback verlangt',
  '{0}, above the {1} that demand a rollback when it lasts {2}':
    '{0}, über den {1}, die einen Rollback verlangen, wenn es {2} anhält',
  '{0}; {1} bad requests may be an accident, {2} are a rate':
    '{0}; {1} schlechte Anfragen können Zufall sein, {2} sind eine Rate',
  '{0}{1}): {2} {3} are too few to judge, {4} are needed':
    '{0}{1}): {2} {3} sind zu wenig für ein Urteil, nötig sind {4}',
  '; observed without a gap for {0} so far': '; bisher {0} ohne Lücke beobachtet',
  ', as it did': ', und so war es',
  ', as it did; live had no traffic to compare with': ', und so war es; live hatte keinen Verkehr zum Vergleichen',
  ', as it did; live had {0} ({1})': ', und so war es; live hatte {0} ({1})',
  '; live had no traffic to compare with': '; live hatte keinen Verkehr zum Vergleichen',
  '; live had {0} ({1})': '; live hatte {0} ({1})',
  'rollback above {0} for {1}': 'Rollback über {0} für {1}',
  '{0} at most {1} since the step began': '{0} höchstens {1} seit Beginn des Schritts',
  'known for {0} of {1}': 'bekannt für {0} von {1}',
  'least of {0} looks': 'kleinster Wert aus {0} Blicken',
  'most of {0} looks': 'größter Wert aus {0} Blicken',
  '{0} of {1} requests slower than {2}, {3} may be': '{0} von {1} Anfragen langsamer als {2}, {3} dürfen es sein',

  // Live suffers as well.
  'a shared cause that a rollback would not fix': 'eine gemeinsame Ursache, die ein Rollback nicht behebt',
  'so live breaches the same limit: {0}; held without a rollback, a person has to look':
    'also verletzt live dieselbe Grenze: {0}; angehalten ohne Rollback, ein Mensch muss nachsehen',
  '({0} of {1} requests of the candidate were bad then)':
    '(davon waren {0} von {1} Anfragen an den Kandidaten schlecht)',
  'and since then the candidate was not seen to be above it': 'und seither lag der Kandidat nicht darüber',
  'left out are {0} the {1} too, a shared cause': 'ausgenommen sind {0} den {1} lag, eine gemeinsame Ursache',
  'live is above it now: {0}; held without a rollback, a person has to look':
    'live liegt jetzt darüber: {0}; angehalten ohne Rollback, ein Mensch muss nachsehen',
  'live was above it until {0} UTC, {1}': 'live lag bis {0} UTC darüber, {1}',
  'while live suffered ({0}) it suffered more than twice as much ({1})':
    'während live litt ({0}), litt der Kandidat mehr als doppelt so sehr ({1})',
  'within the {0} it may have to advance; {1} {2}': 'innerhalb der {0}, mit denen es weitergehen darf; {1} {2}',
  'without the {0} it too, {1}': 'ohne die {0} der Grenze lag, {1}',
  '{0} in which live was above': '{0}, in denen auch live über',
  '{0}; since live kept the limit again {1}': '{0}; seit live die Grenze wieder einhält: {1}',
  '{0}; the rest has too few requests to judge, {1} are needed':
    '{0}; der Rest hat zu wenig Anfragen für ein Urteil, nötig sind {1}',

  // Comparisons with live by raw numbers.
  'live before the first shift': 'live vor der ersten Verlagerung',
  'live before the candidate had all traffic': 'live, bevor der Kandidat allen Verkehr hatte',
  'live in the same time': 'live in derselben Zeit',
  'nothing is known of {0}': 'über {0} ist nichts bekannt',
  'the candidate had no traffic yet': 'der Kandidat hatte noch keinen Verkehr',
  '{0} at most {1} above {2} for {3}': '{0} höchstens {1} über {2} für {3}',
  '{0} cannot be compared: {1}': '{0} lässt sich nicht vergleichen: {1}',
  '{0} cannot be compared: {1} requests of the candidate and {2} of {3} are too few, {4} of each are needed':
    '{0} lässt sich nicht vergleichen: {1} Anfragen an den Kandidaten und {2} an {3} sind zu wenig, nötig sind je {4}',
  '{0} of the candidate is unknown: requests were counted, but no latency':
    '{0} des Kandidaten ist unbekannt: Anfragen wurden gezählt, aber keine Latenz',
  '{0} of the candidate was {1} ({2}, {3}), that of {4} {5} ({6})':
    '{0} des Kandidaten: {1} ({2}, {3}), von {4}: {5} ({6})',
  '{0} above ({1})': '{0} darüber ({1})',
  '{0}: not more than the {1} that are allowed': '{0}: nicht mehr als erlaubt, {1}',
  '{0}: more than the {1} that are allowed{2}': '{0}: mehr als erlaubt, {1}{2}',
  'its newest part ({0}) is within it, {1} against {2}: nothing is taken back for what is over':
    'der neueste Teil ({0}) liegt innerhalb, {1} gegenüber {2}: für etwas, das vorbei ist, wird nichts zurückgenommen',
  'observed without a gap for {0} so far': 'bisher {0} ohne Lücke beobachtet',
  ', for {0} now': ', nun seit {0}',
  '; rollback when it lasts {0}, {1}': '; Rollback, wenn es {0} anhält, {1}',

  // The sequential comparison.
  'a comparison': 'ein Vergleich',
  "errors at most {0} above live's and {1} in all": 'Fehler höchstens {0} über live und {1} insgesamt',
  "latency at most {0} above live's and {1} of requests slower than {2}ms":
    'Latenz höchstens {0} über live und {1} der Anfragen langsamer als {2}ms',
  '{0}; wrong in at most {1} of rollouts': '{0}; falsch in höchstens {1} der Rollouts',
  'evidence for a rollback {0}, {1} demand one': 'Evidenz für einen Rollback {0}, ab {1} wird zurückgerollt',
  '{0}; evidence {1} for a rollback, {2} for holding, {3} for going on':
    '{0}; Evidenz {1} für einen Rollback, {2} für Anhalten, {3} für Weitergehen',
  'the candidate is worse beyond chance: {0}; this demands a rollback':
    'der Kandidat ist mehr als zufällig schlechter: {0}; das verlangt einen Rollback',
  'the candidate breaks a limit that live breaks too: a shared cause that a rollback would not fix; held without a rollback, a person has to look':
    'der Kandidat verletzt eine Grenze, die auch live verletzt: eine gemeinsame Ursache, die ein Rollback nicht behebt; angehalten ohne Rollback, ein Mensch muss nachsehen',
  'the candidate should get {0} % of the requests and gets none, which chance does not explain: look at the route':
    'der Kandidat sollte {0} % der Anfragen bekommen und bekommt keine, was der Zufall nicht erklärt: die Route prüfen',
  'the candidate got {0} of the requests, not the {1} % that were set: its counts are not trusted, look at the route':
    'der Kandidat bekam {0} der Anfragen, nicht die eingestellten {1} %: seinen Zahlen wird nicht getraut, die Route prüfen',
  'the candidate is probably worse than live, not surely enough to roll back: held (evidence for holding {0}, {1} demand it)':
    'der Kandidat ist wahrscheinlich schlechter als live, aber nicht sicher genug für einen Rollback: angehalten (Evidenz für Anhalten {0}, ab {1} wird angehalten)',
  'the candidate was worse than live {0}, and that is getting less: held until it is over, or is shown again':
    'der Kandidat war {0} schlechter als live, und das nimmt ab: angehalten, bis es vorbei ist oder sich wieder zeigt',
  'the candidate is worse than live beyond chance, below its limits: {0}; held {1}':
    'der Kandidat ist mehr als zufällig schlechter als live, unterhalb seiner Grenzen: {0}; angehalten {1}',
  '{0}, and taken back as soon as the newest requests show it again':
    '{0}, und zurückgenommen, sobald die neuesten Anfragen es wieder zeigen',
  '{0}, and taken back from {1} UTC on if the newest requests still show it':
    '{0}, und ab {1} UTC zurückgenommen, wenn die neuesten Anfragen es noch zeigen',
  'the candidate fails more often than live did on average, but live was seen for {0}, too little to know how far its rate wanders ({1} or more are needed): held, and taken back only for what no such wandering explains':
    'der Kandidat macht mehr Fehler als live im Mittel, aber live wurde nur {0} gesehen, zu wenig, um zu wissen, wie weit die Rate schwankt ({1} oder mehr sind nötig): angehalten, und zurückgenommen nur für etwas, das kein solches Schwanken erklärt',
  '{0} with {1} errors': '{0} mit {1} Fehlern',
  'since {0} UTC': 'seit {0} UTC',
  'by now': 'nun',
  'latencies cannot be judged: {0} requests of the candidate were counted, but no latency':
    'Latenzen lassen sich nicht beurteilen: {0} Anfragen an den Kandidaten wurden gezählt, aber keine Latenz',
  'the candidate completed no request in the last {0} ticks':
    'der Kandidat hat in den letzten {0} Ticks keine Anfrage beantwortet',
  '{0} requests of the candidate in this step are too few, {1} are needed':
    '{0} Anfragen an den Kandidaten in diesem Schritt sind zu wenig, nötig sind {1}',
  'the candidate keeps its limits and is not worse than live: evidence {0} in this step, {1} are needed':
    'der Kandidat hält seine Grenzen ein und ist nicht schlechter als live: Evidenz {0} in diesem Schritt, nötig sind {1}',
  'the candidate may be getting worse than live: evidence for holding {0}, below {1} is quiet':
    'der Kandidat wird vielleicht schlechter als live: Evidenz für Anhalten {0}, unter {1} ist alles ruhig',
  'not yet shown to be good enough: evidence {0} in this step, {1} are needed':
    'noch nicht als gut genug erwiesen: Evidenz {0} in diesem Schritt, nötig sind {1}',
  'it fails more often than live, beyond the {0} that are tolerated':
    'er macht mehr Fehler als live, über die geduldeten {0} hinaus',
  'it is slower than live, beyond the {0} that are tolerated':
    'er ist langsamer als live, über die geduldeten {0} hinaus',
  'more than {0} of its requests fail': 'mehr als {0} seiner Anfragen schlagen fehl',
  'more than {0} of its requests take longer than {1}ms': 'mehr als {0} seiner Anfragen dauern länger als {1}ms',
  'errors {0}, live {1}': 'Fehler {0}, live {1}',
  'slower than {0}ms {1}, live {2}': 'langsamer als {0}ms {1}, live {2}',
  'latencies not compared yet, live answered {0} of {1} requests':
    'Latenzen noch nicht verglichen, live hat {0} von {1} Anfragen beantwortet',
  'over 1 000 000': 'über 1 000 000',

  // Silence.
  '1 new line': '1 neue Zeile',
  '{0} new lines': '{0} neue Zeilen',
  'a new line at least every {0}': 'mindestens alle {0} eine neue Zeile',
  'log lines of the candidate are unknown: it had no traffic yet':
    'Logzeilen des Kandidaten sind unbekannt: er hatte noch keinen Verkehr',
  'log lines of the candidate are unknown: the platform could not tell when last asked':
    'Logzeilen des Kandidaten sind unbekannt: die Plattform wusste es nicht, als sie zuletzt gefragt wurde',
  'the candidate logged {0} ({1})': 'der Kandidat hat {0} geloggt ({1})',
  'the candidate logged nothing for {0} ({1}) while it had traffic: silence is a failure':
    'der Kandidat hat {0} lang nichts geloggt ({1}), obwohl er Verkehr hatte: Stille ist ein Fehler',
  'the candidate logged nothing yet ({0}, observed for {1} of {2})':
    'der Kandidat hat noch nichts geloggt ({0}, {1} von {2} beobachtet)',
  'silent for {0}': 'still seit {0}',

  // Numbers of the service's own.
  'above 0 at least every {0}': 'mindestens alle {0} über 0',
  'at least {0} since the step began': 'mindestens {0} seit Beginn des Schritts',
  'at most {0} since the step began': 'höchstens {0} seit Beginn des Schritts',
  'at most {0} {1} {2}': 'höchstens {0} {1} {2}',
  'what it was before the first shift': 'dem Wert vor der ersten Verlagerung',
  'rollback {0} {1} for {2}': 'Rollback {0} {1} für {2}',
  'before the first shift': 'vor der ersten Verlagerung',
  'that of live before the candidate had all traffic': 'live, bevor der Kandidat allen Verkehr hatte,',
  'that of live in the same time': 'live in derselben Zeit',
  'the other side is unknown': 'die andere Seite ist unbekannt',
  '{0} is allowed': 'erlaubt ist {0}',
  '{0} was {1} on average ({2}, {3}), {4}': '{0} war im Mittel {1} ({2}, {3}), {4}',
  '{0}, but {1}{2}': '{0}, aber {1}{2}',
  ', {0} it only since lately': ', erst seit Kurzem {0} dieser Grenze',
  '; {0}; held without a rollback, a person has to look': '; {0}; angehalten ohne Rollback, ein Mensch muss nachsehen',
  'it was {0} before the first shift, so it was not brought by this release':
    'vor der ersten Verlagerung waren es {0}, also kommt es nicht von diesem Release',
  'left out are {0}, a shared cause': 'ausgenommen sind {0}, eine gemeinsame Ursache',
  'live had {0} in the same time, so it has a shared cause':
    'live hatte in derselben Zeit {0}, also gibt es eine gemeinsame Ursache',
  'live is so now: {0}; held without a rollback, a person has to look':
    'live geht es jetzt ebenso: {0}; angehalten ohne Rollback, ein Mensch muss nachsehen',
  'the {0} that demand a rollback': 'den {0}, die einen Rollback verlangen',
  'without the {0}, {1}': 'ohne die {0}, {1}',
  '{0} (last {1}, {2})': '{0} (zuletzt {1}, {2})',
  '{0} from {1} to {2}': '{0} von {1} bis {2}',
  '{0} in which live was so too': '{0}, in denen es live ebenso ging',
  '{0} of the step is unknown: no whole tick with the candidate has been observed yet':
    '{0} des Schritts ist unbekannt: noch wurde kein ganzer Tick mit dem Kandidaten beobachtet',
  '{0} was {1} on average and {2} last ({3}, {4})': '{0} war im Mittel {1} und zuletzt {2} ({3}, {4})',
  '{0}, not {1} {2} throughout {3}{4}': '{0}, nicht {3} lang durchgehend {1} {2}{4}',
  '{0}, {1} {2} when it lasts {3}': '{0}, {1} {2}, wenn es {3} anhält',
  '{0}; the rest is {1}': '{0}; der Rest ist {1}',
  '{0}; the rest was {1}, within it': '{0}; der Rest war {1}, innerhalb der Grenze',
  'at most {0} ({1})': 'höchstens {0} ({1})',
  '{0} was never above 0 for {1} ({2}): silence is a failure':
    '{0} war {1} lang nie über 0 ({2}): Stille ist ein Fehler',
  '{0} was not above 0 yet ({1}, observed for {2} of {3})': '{0} war noch nicht über 0 ({1}, {2} von {3} beobachtet)',
  '{0} was {1} in {2}, so there is no silence': '{0} war {1} in {2}, es ist also nicht still',
}
