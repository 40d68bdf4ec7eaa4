/** Artifacts on their way: what `artifact pin` says, and what a control plane answers to it. */
export const artifacts: Readonly<Record<string, string>> = {
  // Handing over.
  'A REF is a folder or an archive, whose content is copied (the original may change afterwards), or an image with its digest (oci://registry/name@sha256:…), which is looked for at its registry and stays there. With --server or STELLWERK_URL the content is handed over to that control plane, which then knows the version; otherwise it goes into the data folder. Writes <data>/artifacts/VERSION.json; a version that was pinned once is never pinned differently.':
    'Eine REF ist ein Ordner oder Archiv, dessen Inhalt übernommen wird und sich danach ändern darf, oder ein Image mit seinem Digest (oci://registry/name@sha256:…), das in seiner Registry gesucht wird und dort bleibt. Mit --server oder STELLWERK_URL geht der Inhalt an diese Control Plane, die die Version dann kennt; sonst in den Datenordner. Schreibt <data>/artifacts/VERSION.json; eine festgehaltene Version wird nie anders festgehalten.',
  // Images.
  'What every image must be made for, such as linux/arm64; may be repeated':
    'Wofür jedes Image gemacht sein muss, etwa linux/arm64; mehrfach möglich',
  '"{0}" is no platform of images': '„{0}“ ist keine Plattform von Images',
  'it must be OS/ARCHITECTURE': 'nötig ist BETRIEBSSYSTEM/ARCHITEKTUR',
  '--platform is given and no image of a registry': '--platform ist angegeben, aber kein Image einer Registry',
  'only those are asked what they are made for': 'nur diese werden gefragt, wofür sie gemacht sind',
  'leave it out, or --component NAME=oci://REGISTRY/NAME@sha256:…':
    'weglassen, oder --component NAME=oci://REGISTRY/NAME@sha256:…',
  '{0}: its registry has it, for {1}': '{0}: in seiner Registry vorhanden, für {1}',
  'it must be oci://REGISTRY/NAME@sha256:…, the registry included':
    'nötig ist oci://REGISTRY/NAME@sha256:…, mit der Registry',
  'without its digest it is a mutable reference: a tag may be moved':
    'ohne Digest ist es eine veränderliche Referenz: ein Tag kann wandern',
  'its digest must be "sha256:" and 64 hex digits': 'der Digest muss aus „sha256:“ und 64 Hex-Ziffern bestehen',
  'cannot pin {0}': '{0} ist nicht festzuhalten',
  'cannot pin "{0}"': '„{0}“ ist nicht festzuhalten',
  'add @ and what this prints: docker buildx imagetools inspect {0} --format "{{.Manifest.Digest}}"; or: skopeo inspect --format "{{.Digest}}" docker://{1}':
    '@ anhängen und was dies ausgibt: docker buildx imagetools inspect {0} --format "{{.Manifest.Digest}}"; oder: skopeo inspect --format "{{.Digest}}" docker://{1}',
  'correct what is said about it and pin it again; nothing was pinned':
    'das Genannte in Ordnung bringen und noch einmal festhalten; festgehalten wurde nichts',
  'pin it again when the registry answers; nothing was pinned':
    'noch einmal festhalten, wenn die Registry antwortet; festgehalten wurde nichts',
  'cannot read the logins at registries': 'die Anmeldungen bei Registries sind nicht zu lesen',
  'make it readable, or name another folder: DOCKER_CONFIG':
    'lesbar machen, oder einen anderen Ordner nennen: DOCKER_CONFIG',
  'no service': 'kein Dienst',
  'an artifact at a control plane is one of a service, and there is no spec here that names it':
    'ein Artefakt gehört bei einer Control Plane zu einem Dienst, und hier nennt ihn keine Spec',
  'cannot hand over {0}': '{0} ist nicht zu übergeben',
  'it holds the data folder of Stellwerk ({0})': 'darin liegt der Datenordner von Stellwerk ({0})',
  'pin the folder that the build made, or put the data elsewhere: --data FOLDER':
    'den Ordner festhalten, den der Build gemacht hat, oder die Daten anderswohin legen: --data ORDNER',
  '{0}: reading {1}': '{0}: {1} wird gelesen',
  '{0}: {1} handed over': '{0}: {1} übergeben',
  '{0}: the control plane has this content already': '{0}: die Control Plane hat diesen Inhalt schon',
  '{0}: {1} % of {2} are there': '{0}: {1} % von {2} sind da',
  '{0}: it does not go on, trying again: {1}': '{0}: es geht nicht weiter, neuer Versuch: {1}',
  '{0} {1} {2} % of {3}{4}': '{0} {1} {2} % von {3}{4}',
  '{0} changed while it was handed over': '{0} hat sich während der Übergabe geändert',
  '{0} is shorter than a moment ago': '{0} ist kürzer als eben noch',
  'pin it when its build has ended, and nothing changes it any more':
    'festhalten, wenn der Build zu Ende ist und nichts mehr etwas daran ändert',
  'cannot hand over the content of {0}': 'der Inhalt von {0} ist nicht zu übergeben',
  'what answers there does not say how far it has come': 'was dort antwortet, sagt nicht, wie weit er gekommen ist',
  'hand over the content of {0}': 'den Inhalt von {0} übergeben',
  'the content of {0} did not get through: {1} of {2} bytes are there':
    'der Inhalt von {0} kam nicht durch: {1} von {2} Bytes sind da',
  'give the same command again when that is mended; it goes on where it was':
    'denselben Befehl noch einmal geben, wenn das behoben ist; es geht weiter, wo es war',
  'leave out what does not run, or have an administrator start it with a larger --artifact-limit':
    'weglassen, was nicht läuft, oder die Control Plane mit größerem --artifact-limit starten lassen',
  'pin {0}': '{0} festhalten',
  'put that right and pin it again': 'das richtigstellen und noch einmal festhalten',
  'ask for the content': 'nach dem Inhalt fragen',
  'read the artifact {0}': 'das Artefakt {0} lesen',
  'the content of {0} is not kept by the control plane': 'die Control Plane hat den Inhalt von {0} nicht',
  'no such version is pinned here, nor at a control plane: {0}':
    'diese Version ist weder hier noch bei einer Control Plane festgehalten: {0}',
  'Largest content of a component that is taken over, such as 500MB or 4GiB':
    'Größter Inhalt einer Komponente, der übernommen wird, etwa 500MB oder 4GiB',
  '--artifact-limit "{0}" is no size': '--artifact-limit „{0}“ ist keine Größe',
  'it must be a number with its unit: kB, MB, GB, KiB, MiB or GiB':
    'nötig ist eine Zahl mit ihrer Einheit: kB, MB, GB, KiB, MiB oder GiB',

  // What is known of a build.
  'version {0}, from {1}': 'Version {0}, aus {1}',
  'commit {0}, from {1}': 'Commit {0}, aus {1}',
  'build {0}, from {1}': 'Build {0}, aus {1}',
  'which commit was built?': 'welcher Commit wurde gebaut?',
  '{0} says {1}, and checked out is {2}': '{0} nennt {1}, ausgecheckt ist {2}',
  'no commit holds what was built': 'kein Commit enthält, was gebaut wurde',
  'files that git knows were changed after {0}': 'Dateien, die git kennt, wurden nach {0} geändert',
  'commit them, or say which commit it is: --commit SHA': 'committen, oder den Commit nennen: --commit SHA',
  'artifact pin needs {0}': 'artifact pin braucht {0}',
  'neither git nor a pipeline of GitHub, GitLab or Forgejo says it here':
    'weder git noch eine Pipeline von GitHub, GitLab oder Forgejo nennt es hier',

  // What the control plane answers.
  'no version {0} of {1} is pinned at this control plane':
    'bei dieser Control Plane ist keine Version {0} von {1} festgehalten',
  '"{0}" is no version: letters, digits and . _ + - with one of the first two in front, and no .json at its end':
    '„{0}“ ist keine Version: Buchstaben, Ziffern und . _ + -, vorn einer der ersten beiden, am Ende kein .json',
  'an artifact has at least one component, and {0} has none':
    'ein Artefakt hat mindestens eine Komponente, und {0} hat keine',
  '"{0}" is no name of a component: {1}': '„{0}“ ist kein Name einer Komponente: {1}',
  '"{0}" is no name of a component': '„{0}“ ist kein Name einer Komponente',
  '"{0}" is no name of a service': '„{0}“ ist kein Name eines Dienstes',
  'lower-case letters, digits and dashes, a letter in front, at most 40':
    'Kleinbuchstaben, Ziffern und Bindestriche, vorn ein Buchstabe, höchstens 40',
  'the content of {0} ({1}) was not handed over to this control plane for {2}; hand it over first: stellwerk artifact pin':
    'der Inhalt von {0} ({1}) wurde dieser Control Plane nicht für {2} übergeben; erst übergeben: stellwerk artifact pin',
  '{0} is pinned already, as something else, by {1}; pin this under a new version':
    '{0} ist schon als etwas anderes festgehalten, von {1}; dies unter einer neuen Version festhalten',
  'Your token does not count for {0}; ask for one that does.':
    'Ihr Token gilt nicht für {0}; um eines bitten, das dafür gilt.',
  'too many contents are announced here at once; try again in a moment':
    'hier werden zu viele Inhalte zugleich angekündigt; gleich noch einmal versuchen',
  'there is no file in it; pin the folder that the build made':
    'darin ist keine Datei; den Ordner festhalten, den der Build erzeugt hat',
  'this very content is being received from somebody else now': 'eben dieser Inhalt kommt gerade von jemand anderem',
  'nothing of this content was announced here: its manifest comes first':
    'von diesem Inhalt ist hier nichts angekündigt: erst kommt sein Manifest',
  'the disk of the control plane is full; what had come is kept ({0})':
    'die Platte der Control Plane ist voll; was schon da war, bleibt ({0})',
  'the control plane cannot write to its disk ({0})': 'die Control Plane kann nicht auf ihre Platte schreiben ({0})',
  'the manifest has more than {0} bytes': 'das Manifest hat mehr als {0} Bytes',
  'the manifest cannot be laid out: {0}': 'das Manifest lässt sich nicht auslegen: {0}',
  'the manifest is not that of {0}, but of {1}; pin it again':
    'das Manifest ist nicht das von {0}, sondern von {1}; noch einmal festhalten',
  'it has {0} bytes, and this control plane takes at most {1}; leave out what does not run, or start it with a larger --artifact-limit':
    'es hat {0} Bytes, und diese Control Plane nimmt höchstens {1}; weglassen, was nicht läuft, oder sie mit größerem --artifact-limit starten',
  'it has {0} bytes, and the disk of the control plane has room for {1}; free some space there':
    'es hat {0} Bytes, und auf der Platte der Control Plane ist Platz für {1}; dort Platz schaffen',
  '{0} did not outlive the end of the control plane; go on from byte {1}':
    '{0} hat das Ende der Control Plane nicht überstanden; weiter ab Byte {1}',
  'what came as {0} is not what was announced: expected sha256:{1}, found sha256:{2}':
    'was als {0} kam, ist nicht das Angekündigte: erwartet sha256:{1}, gefunden sha256:{2}',
  'it goes on at byte {0}, not at {1}': 'es geht bei Byte {0} weiter, nicht bei {1}',
  'more came than the {0} bytes that were announced': 'es kam mehr als die {0} angekündigten Bytes',
}
