/** Why the control plane does not do what its API was asked for. */
export const refusals: Readonly<Record<string, string>> = {
  // Tokens and limits.
  'The body may have at most {0} bytes.': 'Der Inhalt darf höchstens {0} Bytes haben.',
  'There is nothing at {0}; /openapi.json lists all.': 'Unter {0} ist nichts; /openapi.json nennt alles.',
  '{0} takes {1}, not {2}.': '{0} nimmt {1}, nicht {2}.',
  'Send "Authorization: Bearer TOKEN"; an administrator makes one with "stellwerk token create".':
    '„Authorization: Bearer TOKEN“ mitsenden; ein Administrator legt eines an mit „stellwerk token create“.',
  'The token is unknown, expired or revoked; an administrator makes a new one with "stellwerk token create".':
    'Das Token ist unbekannt, abgelaufen oder widerrufen; ein Administrator legt ein neues an mit „stellwerk token create“.',
  'This needs a token with the scope "{0}"; yours has {1}.':
    'Das braucht ein Token mit dem Scope „{0}“; Ihres hat {1}.',
  'Too many failed attempts from your address; wait, or use a valid token.':
    'Zu viele Fehlversuche von Ihrer Adresse; warten oder ein gültiges Token verwenden.',
  'Your token has made too many requests; try again in {0} s. Rollback, abort and approvals are not counted.':
    'Ihr Token hat mehr als seinen Anteil gefragt; in {0} s wieder fragen. Rollback, Abbruch und Freigaben zählen nicht.',
  'This control plane is not known as {0}. Use its address, or start it with "stellwerk up --allow-host NAME".':
    'Diese Control Plane heißt nicht {0}. Unter ihrer Adresse fragen oder sie mit „stellwerk up --allow-host NAME“ starten.',
  'Something failed inside the control plane; its log says what under {0}.':
    'In der Control Plane ist etwas fehlgeschlagen; ihr Log sagt unter {0}, was.',
  'The control plane runs, but its database is down: {0}. What serves users goes on. Try again.':
    'Die Control Plane läuft, aber ihre Datenbank ist weg: {0}. Was Nutzer bedient, läuft weiter. Noch einmal fragen.',
  'The request does not have the form this route takes. {0}': 'Die Anfrage hat nicht die Form, die hier gilt. {0}',
  '{0}. Nothing was done; send it without.': '{0}. Nichts wurde getan; ohne das senden.',
  '{0} event streams are open, as many as this control plane allows.':
    '{0} Ereignisströme sind offen, so viele, wie diese Control Plane erlaubt.',
  '{0} event streams of your token are open, as many as one may have: close some.':
    '{0} Ereignisströme Ihres Tokens sind offen, so viele, wie eines haben darf: einige schließen.',
  'There is no token "{0}"; "stellwerk token list" shows all.':
    'Ein Token „{0}“ gibt es nicht; „stellwerk token list“ zeigt alle.',
  'This concerns every service and environment, and your token counts for some of them only. Follow one rollout (?rollout=…), or ask for a token without --for-service and --for-environment.':
    'Das betrifft alle Dienste und Umgebungen, und Ihr Token gilt nur für einige. Einen Rollout verfolgen (?rollout=…) oder um ein Token ohne --for-service und --for-environment bitten.',
  'Your token does not count for {0} in {1}; ask for one that does.':
    'Ihr Token gilt nicht für {0} in {1}; um eines bitten, das gilt.',
  'your token does not count for {0} in {1}; ask for one that does':
    'Ihr Token gilt nicht für {0} in {1}; um eines bitten, das gilt',

  // Releases, policies, messages.
  'the plan is not the one that was shown: {0} was, {1} would run{2}. Nothing was started; look at the plan again':
    'der Plan ist nicht der gezeigte: gezeigt wurde {0}, laufen würde {1}{2}. Nichts wurde gestartet; den Plan noch einmal ansehen',
  ', under version {0} of the policy in force for {1}': ', unter Fassung {0} der Richtlinie für {1}',
  'no release may begin now: {0}. What serves now goes on; rollback and abort work':
    'jetzt darf kein Release beginnen: {0}. Was bedient, läuft weiter; Rollback und Abbruch gehen',
  'this control plane holds no policies': 'diese Control Plane hält keine Richtlinien',
  'this control plane reads no specs': 'diese Control Plane liest keine Specs',
  '{0} has no component "{1}"; it has {2}': '{0} hat keine Komponente „{1}“, sondern {2}',
  '{0}/{1} runs on host {2}: ask the control plane there. If that host is gone for good, take it over: stellwerk up --take-over {3}':
    '{0}/{1} läuft auf Host {2}: die Control Plane dort fragen. Ist dieser Host für immer weg, übernehmen: stellwerk up --take-over {3}',
  'the log cannot be trusted: {0}; nothing is released until that is explained; what serves goes on, and rollbacks do. See "stellwerk audit verify"; tables beside the log are made again by "stellwerk rebuild"':
    'dem Protokoll ist nicht zu trauen: {0}; bis das geklärt ist, wird nichts ausgeliefert; was bedient, läuft weiter, auch Rollbacks. Siehe „stellwerk audit verify“; Tabellen neben dem Protokoll baut „stellwerk rebuild“ neu auf',
  'the message {0} is still being tried: only dead letters are sent again or dismissed':
    'die Nachricht {0} wird noch versucht: nur Aufgegebenes wird erneut gesendet oder für erledigt erklärt',
  'the message {0} was delivered: only dead letters are sent again or dismissed':
    'die Nachricht {0} wurde zugestellt: nur Aufgegebenes wird erneut gesendet oder für erledigt erklärt',
  'the message {0} was dismissed: only dead letters are sent again or dismissed':
    'die Nachricht {0} ist schon erledigt: nur Aufgegebenes wird erneut gesendet oder für erledigt erklärt',
  'there is no message "{0}"; "stellwerk notify list" shows them':
    'eine Nachricht „{0}“ gibt es nicht; „stellwerk notify list“ zeigt sie',
  'there is no incident "{0}"; "stellwerk incident list" shows them':
    'eine Störung „{0}“ gibt es nicht; „stellwerk incident list“ zeigt sie',
  'there is no rollout "{0}"; "stellwerk list" shows them':
    'einen Rollout „{0}“ gibt es nicht; „stellwerk list“ zeigt sie',
  'the Idempotency-Key "{0}" was used for another request before; nothing was done. Send a new key with a new request':
    'der Idempotency-Key „{0}“ gehörte schon zu einer anderen Anfrage; nichts wurde getan. Mit einer neuen Anfrage einen neuen Schlüssel senden',
  'none is': 'es gilt keine',
  'version {0} ({1}…) of {2} is': 'es gilt Fassung {0} ({1}…) von {2}',
  'the policy in force for {0} is not the one that was shown: {1} now. Look at the difference again: stellwerk policy diff -e {2}':
    'die Richtlinie für {0} ist nicht die gezeigte: {1}. Den Unterschied noch einmal ansehen: stellwerk policy diff -e {2}',
  'No policy is in force for {0}; the first one comes with a release, or by "stellwerk policy set -e {1}".':
    'Für {0} gilt keine Richtlinie; die erste kommt mit einem Release oder durch „stellwerk policy set -e {1}“.',
  '{0} cannot be released to {1} {2} as things are': '{0} lässt sich so nicht nach {1} {2} ausliefern',
  '{0} is where {1} listens{2}; give {3} another address': 'auf {0} lauscht {1}{2}; {3} eine andere Adresse geben',
  ' (as {0})': ' (als {0})',
  'its platform cannot start it: {0}; pin it again where it is':
    'die Plattform kann es nicht starten: {0}; dort, wo es ist, noch einmal festhalten',
}
