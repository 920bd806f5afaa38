/**
 * Room set aside for what must be written though the phone is full: a try of the PIN, which counts before it is tried,
 * and what the server said, which is what makes room again. One record, given up when it is needed and set aside anew
 * when there is room. It pays for some hundred small records; when they are used up too, nothing more is tried.
 */
import { isFull, unlessFull, type TextDb } from './db'

/** Among what everybody may read: it says nothing. */
const KEY = 'reserve'
/** Bytes. As large as browsers keep in a file of its own, which is gone at once when the record is. */
const SIZE = 256 * 1024

/** Sets the room aside, where there is any. */
export async function setAside(db: TextDb): Promise<void> {
  if ((await db.board.where('key').equals(KEY).count()) > 0) return
  await db.board.put({ key: KEY, value: noise().buffer }).catch(unlessFull)
}

/** Does a piece of work; on a full phone again, in the room that was set aside. */
export async function withReserve<T>(db: TextDb, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isFull(error)) throw error
    await db.board.delete(KEY)
    return work()
  }
}

/** What no disk can store in less. */
function noise(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE)
  for (let at = 0; at < SIZE; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  return bytes
}
