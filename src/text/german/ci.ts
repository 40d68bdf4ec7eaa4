/** CI-Jobs, die sich anmelden: what the command line, the control plane and the forge's tokens say of them. */
export const ci: Readonly<Record<string, string>> = {
  'Log a CI job in: print a token for the commands that follow':
    'Einen CI-Job anmelden: ein Token für die folgenden Befehle ausgeben',
  'In a job of GitHub or GitLab, which vouches for it: no stored secret. Other verbs log in by themselves; this one is for jobs that get one token for all their commands.':
    'In einem Job von GitHub oder GitLab, die für ihn bürgen: ohne hinterlegtes Geheimnis. Andere Befehle melden sich selbst an; dieser ist für Jobs, die ein einziges Token für alle ihre Befehle bekommen.',
  'this is no CI job that could be logged in': 'das ist kein CI-Job, der sich anmelden könnte',
  'neither GitHub nor GitLab says so; people use a token':
    'weder GitHub noch GitLab sagt das; Menschen verwenden ein Token',
  'let in for {0} min': 'angemeldet für {0} min',
  'this job may not ask GitHub for one': 'dieser Job darf GitHub nicht um eines bitten',
  'this job has no STELLWERK_ID_TOKEN': 'dieser Job hat kein STELLWERK_ID_TOKEN',
  'no token for the control plane, and none from the forge':
    'kein Token für die Control Plane und keines von der Forge',
  'write into the job: {0}; or give it a STELLWERK_TOKEN':
    'in den Job schreiben: {0}; oder ihm ein STELLWERK_TOKEN geben',
  'GitHub gives this job no token': 'GitHub gibt diesem Job kein Token',
  'run the job again': 'den Job noch einmal starten',
  '{0} does not answer': '{0} antwortet nicht',
  '{0} answers {1}': '{0} antwortet mit {1}',
  'see docs/guides/ci-login.md; or give the job a STELLWERK_TOKEN':
    'siehe docs/guides/ci-login.md; oder dem Job ein STELLWERK_TOKEN geben',
  'the control plane does not let this CI job in': 'die Control Plane lässt diesen CI-Job nicht herein',
  'which service is this job for?': 'für welchen Dienst ist dieser Job?',
  '{0} names none, and a CI job is let in for one service':
    '{0} nennt keinen, und ein CI-Job wird für einen Dienst hereingelassen',
  '--service NAME, or STELLWERK_SERVICE': '--service NAME oder STELLWERK_SERVICE',
  'jobs of {0} may release too': 'auch Jobs von {0} dürfen ausliefern',
  'jobs of {0} may no longer release': 'Jobs von {0} dürfen nicht mehr ausliefern',
  'repository {0} of owner {1} at {2} ({3})': 'Repository {0} des Besitzers {1} bei {2} ({3})',
  'No policy in force for {0} lets this job in: its {1} is none that "ci" names. The job is of {2}. Put it into "ci" of stellwerk.yaml, and that into force: stellwerk policy set -e ENVIRONMENT':
    'Keine geltende Richtlinie für {0} lässt diesen Job herein: {1} ist in „ci“ nicht genannt. Zum Job gehören {2}. In „ci“ von stellwerk.yaml eintragen und in Kraft setzen: stellwerk policy set -e UMGEBUNG',
  'No token can be made for this job: {0}.': 'Für diesen Job ist kein Token möglich: {0}.',
  "The forge's keys cannot be read: {0}. Try again.":
    'Die Schlüssel der Forge sind nicht zu lesen: {0}. Noch einmal versuchen.',
  "The forge's token does not let you in: {0}.": 'Das Token der Forge lässt dich nicht herein: {0}.',
  "The forge's token was used before; each lets in once. Ask the forge for another one; where it gives one for the whole job, log in once, at its beginning: export STELLWERK_TOKEN=$(stellwerk login)":
    'Das Token der Forge wurde schon verwendet; jedes gilt einmal. Die Forge um ein neues bitten; wo sie eines für den ganzen Job gibt, einmal am Anfang anmelden: export STELLWERK_TOKEN=$(stellwerk login)',
  'environment {0}': 'Umgebung {0}',
  'event {0}': 'Ereignis {0}',
  'owner {0}': 'Besitzer {0}',
  'ref {0}': 'Ref {0}',
  'repository {0}': 'Repository {0}',
  'workflow {0}': 'Workflow {0}',
  'No CI job is let in here.': 'Hier wird kein CI-Job hereingelassen.',
  'Nobody knows whose account {0} is, so that its owner could approve unseen what it asks for. Say whose it is, and put that into force: accounts: { kim: ["{1}"] }':
    'Niemand weiß, wessen Konto {0} ist; wem es gehört, könnte unbemerkt selbst freigeben, was er anfordert. Angeben, wem es gehört, und in Kraft setzen: accounts: { kim: ["{1}"] }',
  'The policies of this service name different people for {0} ({1}): say which environment this is for, -e NAME':
    'Die Richtlinien dieses Dienstes nennen für {0} verschiedene Personen ({1}): angeben, für welche Umgebung es ist, -e NAME',
  '{0} names a key that cannot be used': '{0} nennt einen Schlüssel, der nicht zu verwenden ist',
  'not written down for the CI run: {0}: {1}': 'für den CI-Lauf nicht festgehalten: {0}: {1}',
  'an event that only those start who may push: anybody can open a pull request':
    'ein Ereignis, das nur auslöst, wer pushen darf: einen Pull Request kann jeder öffnen',
  // Why a forge's token is not believed.
  'it is no token of a CI job': 'es ist kein Token eines CI-Jobs',
  'nothing here lets in jobs of {0}': 'hier werden keine Jobs von {0} hereingelassen',
  'it lacks what a token of {0} says of a job': 'ihm fehlt, was ein Token von {0} über einen Job sagt',
  'its subject names another repository than its other claims':
    'sein Subject nennt ein anderes Repository als seine übrigen Angaben',
  'it has expired': 'es ist abgelaufen',
  'it is not for "{0}": ask for it with that audience':
    'es ist nicht für „{0}“ bestimmt: mit dieser Audience anfordern',
  'it is not valid yet: do the clocks agree?': 'es gilt noch nicht: gehen die Uhren gleich?',
  'its claim "{0}" is missing or wrong': 'seine Angabe „{0}“ fehlt oder ist falsch',
  'it is not signed with a public key': 'es ist nicht mit einem öffentlichen Schlüssel signiert',
  'it is signed by a key that its issuer does not have':
    'es ist mit einem Schlüssel signiert, den sein Aussteller nicht hat',
  'its signature is wrong': 'seine Signatur stimmt nicht',
  '{0} says of itself that it is {1}': '{0} sagt von sich, {1} zu sein',
  '{0} names keys that lie elsewhere: {1}': '{0} nennt Schlüssel, die anderswo liegen: {1}',
  '{0}: {1}': '{0}: {1}',
  '{0} answers something else than it should': '{0} antwortet etwas anderes, als es sollte',
  // What a CI run is told of a rollout.
  'Where the CI run that asks can be looked at. Default: from the variables of GitHub, GitLab or Forgejo':
    'Wo der anfordernde CI-Lauf zu sehen ist. Vorgabe: aus den Variablen von GitHub, GitLab oder Forgejo',
  'Append how it ended as Markdown to this file, $GITHUB_STEP_SUMMARY':
    'An diese Datei als Markdown anhängen, wie es ausging, $GITHUB_STEP_SUMMARY',
  'Append rollout, phase and version as NAME=VALUE lines to this file, $GITHUB_OUTPUT or a dotenv report':
    'An diese Datei rollout, phase und version als Zeilen NAME=WERT anhängen, $GITHUB_OUTPUT oder ein dotenv-Report',
  'cannot write how the rollout ended to {0}': 'nach {0} ist nicht zu schreiben, wie das Rollout ausging',
  'the rollout itself is not touched by that; name another file':
    'das Rollout selbst ist davon nicht berührt; eine andere Datei nennen',
  'Write the CI workflow that releases this service': 'Den CI-Workflow schreiben, der diesen Dienst ausliefert',
  'To stdout: redirect it to where the forge looks for it. Environments come from stellwerk.yaml, the address from --server or STELLWERK_URL.':
    'Auf die Standardausgabe: dorthin umleiten, wo die Forge ihn sucht. Umgebungen kommen aus stellwerk.yaml, die Adresse aus --server oder STELLWERK_URL.',
  'no spec': 'keine Spec',
  'cannot use {0}': '{0} ist so nicht zu verwenden',
  'it is not valid': 'sie ist nicht gültig',
  'there is no {0} here': 'hier gibt es kein {0}',
  'a repository such as shop-team/shop': 'ein Repository wie shop-team/shop',
  'an https address such as https://api.github.com': 'eine https-Adresse wie https://api.github.com',
  // `ci` in stellwerk.yaml.
  "the forge's number of it, not its name, which somebody else may have tomorrow":
    'die Nummer, die die Forge ihm gibt, nicht sein Name, den morgen jemand anders haben kann',
  'a whole ref such as refs/heads/main or refs/tags/v*': 'ein ganzer Ref wie refs/heads/main oder refs/tags/v*',
  'an https address such as https://token.actions.githubusercontent.com':
    'eine https-Adresse wie https://token.actions.githubusercontent.com',
  'the name of an event such as push or workflow_dispatch':
    'der Name eines Ereignisses wie push oder workflow_dispatch',
  'the path of a file in the repository such as .github/workflows/deploy.yml':
    'der Pfad einer Datei im Repository wie .github/workflows/deploy.yml',
  'the name of an environment of the forge': 'der Name einer Umgebung der Forge',
}
