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
  /** No part of a colleague's. */
  | 'part.foreign'
  /** Made by a newer program than this one. */
  | 'part.too_new'
  /** Sealed to keys that this phone does not have: it has not joined that team, or it is another team's. */
  | 'part.key_unknown'
  /** More than a colleague's phone reads. */
  | 'part.too_large'
  /** It was changed on its way, or is not of this team's record. */
  | 'part.damaged'
  /** The signature is not that of the key that it names. */
  | 'part.forged'
  /** His own, come back. */
  | 'part.own'
  /** Of somebody who is not of the team. */
  | 'part.stranger'
  /** No certificate says whose key it is, or it is over: to be taken only by the code that the person's own phone shows. */
  | 'part.uncertified'
  /** Its certificate is somebody else's, or for another key. */
  | 'part.not_his'
  /** No key of a team. */
  | 'team.bad_key'
  /** Nobody is unlocked. */
  | 'vault.locked'

export class SyncError extends Error {
  constructor(readonly code: SyncProblem) {
    super(code)
    this.name = 'SyncError'
  }
}
