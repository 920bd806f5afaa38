/** Small helps of the device; each is absent somewhere, and then simply does nothing. */

/** A short buzz: felt through a glove, where a sound is lost in the noise. iOS has none. */
export function buzz(pattern: number | number[] = 30): void {
  navigator.vibrate?.(pattern)
}

/** Keeps the screen lit until the returned function is called. The system takes the lock away when the page hides; it is asked for again when it shows. */
export function keepAwake(): () => void {
  let sentinel: WakeLockSentinel | undefined
  let wanted = true
  const ask = async () => {
    if (!wanted || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    // Refused on low battery: the screen then dims as it always would.
    sentinel = await navigator.wakeLock.request('screen').catch(() => undefined)
    if (!wanted) await sentinel?.release()
  }
  document.addEventListener('visibilitychange', ask)
  void ask()
  return () => {
    wanted = false
    document.removeEventListener('visibilitychange', ask)
    void sentinel?.release()
  }
}

/** Hands bytes to the person as a file: the share sheet where there is one, else a download. Returns whether he took it. */
export async function handOver(name: string, type: string, bytes: BlobPart): Promise<boolean> {
  const file = new File([bytes], name, { type })
  if (navigator.canShare?.({ files: [file] })) {
    return navigator.share({ files: [file] }).then(() => true, (error: DOMException) => {
      if (error.name === 'AbortError') return false
      throw error
    })
  }
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return true
}
