/** What a plan says that its steps will see of a bad release, and what is worth a look. */
export const forecast: Readonly<Record<string, string>> = {
  // What a step will see.
  'after {0}': 'nach {0}',
  'at its end': 'an seinem Ende',
  holds: 'hält an',
  'rolls back': 'rollt zurück',
  'holds while the step is above it; needs no traffic':
    'hält an, solange der Schritt darüber liegt; braucht keinen Verkehr',
  'holds, and never rolls back': 'hält an und rollt nie zurück',
  'in 95 of 100 from {0}': 'in 95 von 100 Fällen ab {0}',
  'in 95 of 100 from {0} times': 'in 95 von 100 Fällen ab dem {0}-Fachen',
  'never surely': 'nie sicher',
  'is silent: {0} requests are too few, {1} are needed': 'schweigt: {0} Anfragen sind zu wenig, nötig sind {1}',
  'is silent: {0} are too few, {1} of each are needed': 'schweigt: {0} sind zu wenig, nötig sind je {1}',
  'never rolls back: live is above the limit itself, which makes it a shared cause':
    'rollt nie zurück: live liegt selbst über der Grenze, das macht es zur gemeinsamen Ursache',
  'of the requests slower than {0}': 'der Anfragen langsamer als {0}',
  'rolls back after {0} {1}': 'rollt zurück nach {0} {1}',
  'rolls back after {0}; needs no traffic': 'rollt zurück nach {0}; braucht keinen Verkehr',
  'sees nothing in {0} requests': 'sieht nichts in {0} Anfragen',
  '{0} from {1} {2}{3} {4} ({5})': '{0} ab {1} {2}{3} {4} ({5})',
  'beyond what it allows': 'jenseits des Erlaubten',
  'without a line': 'ohne eine Zeile',
  'cannot roll back yet: {0} are longer than the {1} so far':
    'kann noch nicht zurückrollen: {0} sind länger als die {1} bis hierhin',
  "rolls back from {0} times live's errors after {1} ({2})":
    'rollt zurück ab dem {0}-Fachen der Fehler von live nach {1} ({2})',
  'rolls back when {0} slower than live for {1} (in 95 of 100 from {2}, where latencies spread as usual)':
    'rollt zurück, wenn {1} lang um {0} langsamer als live (in 95 von 100 Fällen ab {2}, bei üblicher Streuung der Latenzen)',
  'takes the first error for a regression: live has none':
    'hält den ersten Fehler für eine Verschlechterung: live hat keine',
  '{0} requests against {1} of live': '{0} Anfragen gegenüber {1} an live',
  "; never advances: live's {0} errors are no less than the {1} to be kept":
    '; geht nie weiter: die {0} Fehler von live sind nicht weniger als die einzuhaltenden {1}',
  '; {0} requests are too few to advance, about {1} are needed':
    '; {0} Anfragen sind zu wenig, um weiterzugehen, nötig sind etwa {1}',
  'cannot tell a slower candidate from live in this step':
    'kann in diesem Schritt einen langsameren Kandidaten nicht von live unterscheiden',
  "sees latencies {0} above live's ({1}, where they spread as usual)":
    'sieht Latenzen {0} über live ({1}, bei üblicher Streuung)',
  'sees {0}{1}{2}': 'sieht {0}{1}{2}',
  '; a dead route from {0} requests/s of its own on': '; eine tote Route ab {0} eigenen Anfragen/s',
  '; no dead route by itself': '; keine tote Route für sich',
  '{0} sees {1}': '{0} sieht {1}',
  'in {0}': 'in {0}',
  never: 'nie',
  'not either': 'auch nicht',
  'no regression of up to {0}': 'keine Verschlechterung bis {0}',
  '{0} % for {1} at {2} requests/s with {3} errors': '{0} % für {1} bei {2} Anfragen/s mit {3} Fehlern',
  '{0} ({1}; in 95 of 100: {2})': '{0} ({1}; in 95 von 100 Fällen: {2})',
  '{0} sees no regression of up to {1}: hold longer or give it more traffic':
    '{0} sieht keine Verschlechterung bis {1}: länger halten oder mehr Verkehr geben',
  '{0} times': 'das {0}-Fache',
  "{0} times live's errors": 'das {0}-Fache der Fehler von live',
  " ({0} times live's)": ' (das {0}-Fache von live)',
  '{0}, not {1} ({2})': '{0}, nicht {1} ({2})',
  '{0}; a total failure {1}': '{0}; einen Totalausfall {1}',

  // What is allowed and will disappoint.
  'every rule compares with live: a first release, and live in the watch after a rollback, are judged by nothing, so a person is asked; add `{ metric: error-rate, max: {0} }`, {1}':
    'jede Regel vergleicht mit live: ein erstes Release, und live in der Beobachtung nach einem Rollback, werden an nichts gemessen, also wird ein Mensch gefragt; `{ metric: error-rate, max: {0} }` ergänzen, {1}',
  'a usual limit to begin with': 'eine übliche Grenze für den Anfang',
  'which healthy releases keep at this traffic': 'was gesunde Releases bei diesem Verkehr einhalten',
  "with a limit that live's own errors keep": 'mit einer Grenze, die live selbst einhält',
  '"{0}" (at most {1}) would hold more than 5 of 100 healthy releases: {2}':
    '„{0}“ (höchstens {1}) würde mehr als 5 von 100 gesunden Releases anhalten: {2}',
  '"{0}" ({1}) would stop about {2} of 100 healthy releases {3}; {4}':
    '„{0}“ ({1}) würde etwa {2} von 100 gesunden Releases stoppen, {3}; {4}',
  '+{0} over {1} relative to {2}': '+{0} über {1} gegenüber {2}',
  'above {0} over {1}': 'mehr als {0} über {1}',
  'at {0} requests/s with {1} errors': 'bei {0} Anfragen/s mit {1} Fehlern',
  "live's own {0} are too near to it": 'die {0} von live selbst liegen zu nahe daran',
  'no error rate at all': 'gar keine Fehlerrate',
  'no less than {0} errors ({1} times {2})': 'erst ab {0} Fehlern etwas (das {1}-Fache von {2})',
  'no step sees errors at {0} requests/s; `compare: sequential` sees most with little traffic':
    'kein Schritt sieht Fehler bei {0} Anfragen/s; `compare: sequential` sieht bei wenig Verkehr am meisten',
  'raise `above` or lengthen `for`': '`above` erhöhen oder `for` verlängern',
  'remove it: the sequential comparison beside it answers the same question and knows what chance does':
    'entfernen: der sequenzielle Vergleich daneben beantwortet dieselbe Frage und rechnet mit dem Zufall',
  use: 'besser:',
  '{0}, or use': '{0}, oder besser:',
  '{0} `{ metric: {1}, compare: sequential, {2} }`': '{0} `{ metric: {1}, compare: sequential, {2} }`',
  '{0} % for {1} (step {2})': '{0} % für {1} (Schritt {2})',
  '{0} sees too little: it is likely to see {1}; hold longer, or give it more traffic':
    '{0} sieht zu wenig: vermutlich {1}; länger halten oder mehr Verkehr geben',
  '"{0}" waits for {1} requests of the candidate: in {2} it can roll back from {3} requests/s on, and after {4} from {5} requests/s on':
    '„{0}“ wartet auf {1} Anfragen an den Kandidaten: mit {2} kann das ab {3} Anfragen/s zurückrollen, und nach {4} ab {5} Anfragen/s',
  '"{0}" cannot roll back in {1}: {2} requests of the candidate are too few, {3} are needed, which take {4} requests/s; hold longer, or begin with a larger share':
    '„{0}“ kann mit {1} nicht zurückrollen: {2} Anfragen an den Kandidaten sind zu wenig, nötig sind {3}, also {4} Anfragen/s; länger halten oder mit einem größeren Anteil beginnen',
  '"{0}" rolls back after {1} at the earliest in {2}: its {3} are too short for the {4} requests that it needs, below {5} requests/s':
    '„{0}“ rollt mit {2} frühestens nach {1} zurück: {3} sind zu kurz für die {4} nötigen Anfragen, unterhalb von {5} Anfragen/s',
  '"{0}" needs {1} requests of each side in its {2}: at {3} % it can roll back from {4} requests/s on':
    '„{0}“ braucht je Seite {1} Anfragen in {2}: bei {3} % kann das ab {4} Anfragen/s zurückrollen',
  '{0} % for {1}': '{0} % für {1}',
  '{0}: its traffic is not known, so nobody can say what a step sees; declare it, for example `{1}`':
    '{0}: der Verkehr ist nicht bekannt, also kann niemand sagen, was ein Schritt sieht; bitte angeben, zum Beispiel `{1}`',
  '"{0}" compares raw values: with little traffic it rolls back healthy releases too.':
    '„{0}“ vergleicht rohe Werte: bei wenig Verkehr rollt das auch gesunde Releases zurück.',
  '"{0}" looks at {1}, {2}: it can never roll back.': '„{0}“ betrachtet {1}, {2}: das kann nie zurückrollen.',
  'longer than all holds and the bake together ({0})': 'länger als alle Stufen und die Beobachtung zusammen ({0})',
  'no approval is asked for.': 'es wird keine Freigabe verlangt.',
  'nobody is notified of anything: `notify` is empty.': 'niemand wird benachrichtigt: `notify` ist leer.',
  'rollout.tick ({0}) is longer than the shortest hold or bake ({1}): a step may end before it is observed.':
    'rollout.tick ({0}) ist länger als die kürzeste Stufe oder Beobachtung ({1}): ein Schritt wird womöglich nicht rechtzeitig betrachtet.',
  'rollout.tick ({0}) is shorter than metrics.scrapeInterval ({1}): between two scrapes the candidate looks idle; say `rollout: { tick: {2} }` or longer.':
    'rollout.tick ({0}) ist kürzer als metrics.scrapeInterval ({1}): zwischen zwei Abfragen sieht der Kandidat untätig aus; `rollout: { tick: {2} }` oder länger angeben.',
}
