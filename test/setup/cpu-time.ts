/** Milliseconds of CPU time of this process: what the machine does besides adds nothing to it. */
export function cpuNow(): number {
  const {user, system} = process.cpuUsage()
  return (user + system) / 1000
}
