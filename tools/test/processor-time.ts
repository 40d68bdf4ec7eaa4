import { readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second, whatever its real tick is (USER_HZ). */
const TICK_MS = 10

/**
 * User and system time, in ms, of this process and of every child that it has waited for, and so on down. A daemon is nobody's
 * child: of supervisors and routers that outlived who started them nothing is known here.
 */
export function processorTimeMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + childrenMs()
}

/** `cutime` and `cstime` of proc_pid_stat(5), the 16th and 17th field; the second one, the name, may hold blanks. */
function childrenMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)!.split(' ')
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS
  } catch {
    return 0 // not Linux
  }
}
