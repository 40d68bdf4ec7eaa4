export type DoctorCheck = {
  readonly name: string
  readonly outcome: 'ok' | 'warning' | 'bad'
  readonly detail: string
  /** The command or act that mends it, in one or more lines; null where all is well. */
  readonly fix: string | null
}
