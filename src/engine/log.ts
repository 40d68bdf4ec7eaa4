/** Static messages, data beside; secrets are masked where the stream is made. */
export type Log = {
  readonly info: (message: string, data?: Readonly<Record<string, unknown>>) => void
  readonly warn: (message: string, data?: Readonly<Record<string, unknown>>) => void
  readonly error: (message: string, data?: Readonly<Record<string, unknown>>) => void
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
