/** What can go wrong on the phone itself, by name; the words are the screens'. */
export type SyncProblem =
  /** The phone is full: nothing was kept. */
  | 'storage.full'
  /** Bytes are not what they should be. */
  | 'photo.damaged'
  /** A single act beyond what one mutation may hold. */
  | 'record.too_large'
  /** A file that is neither carried work nor receipts. */
  | 'file.foreign'
  /** It was cut or changed on its way: nothing of it was taken. */
  | 'file.damaged'
  /** A receipt that the server did not sign. */
  | 'receipt.forged'
  /** Nobody is unlocked. */
  | 'vault.locked'

export class SyncError extends Error {
  constructor(readonly code: SyncProblem) {
    super(code)
    this.name = 'SyncError'
  }
}
