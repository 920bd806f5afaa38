/**
 * The exhaustive small model (sync/vectors/model.py): two phones, up to three acts, every crash point of every exchange.
 *
 * The phone's parts are called one after another, each reading only what the one before left in the database: a kill
 * between any two of them changes nothing. The answers are the model's, to which tests/sync/test_model.py holds the server.
 */
import { beforeAll, expect, it } from 'vitest'
import stories from '../../../sync/vectors/model.json'
import type { Databases } from './db'
import { genesis, type ExchangeAnswer, type Mutation, type Outcome, type Result } from './envelope'
import { b64u, fromB64u, hex } from './bytes'
import { plus, rowDigest, written } from './digest'
import { build, hear } from './exchange'
import { freeze, secure } from './freezing'
import { writeDown } from './journal'
import { keyId, rawPublic, signingPair } from './keys'
import type { Act, Operations } from './operations'
import { rowKey } from './rows'
import { phoneWithVault } from './testing/idb'
import type { Keyring } from './vault'

type Line = [phone: 'A' | 'B', answer: string | null, base: [number, number] | null, fate: 'kept' | 'dies' | 'lost' | 'told', sends: number[], asks: number[],
  results: [number, Result['status'], Outcome | null, number][] | null, last: number | null, row: [number, unknown] | null]

const DEVICE = { A: '019cac54-464b-763a-8dbe-41488fb8720a', B: '019cac54-464b-763a-8dbe-41488fb8720b' }
const SHEET = '019cac54-464b-763a-8dbe-41488fb872cc'
const SCOPE = 'site:3'
const AT = Date.UTC(2026, 2, 2)
const speaker = { client: 'test/1', boot: '019cac54-464b-763a-8dbe-41488fb872bb', clock: { now: () => AT, mono: () => 0, offset: () => 480 } }
const operations: Operations = { 'sheet.answer@1': { collection: 'sheet', reads: [], effect: () => [] } }
const rowOf = (answer: unknown) => ({ title: '', note: '', answers: answer === null ? {} : { I1: answer } })

class SmallPhone {
  private held: [number, unknown] = [0, null]
  private acts = 0

  constructor(private readonly name: 'A' | 'B', private readonly db: Databases, private readonly keys: Keyring, private readonly transport: CryptoKey, private readonly server: string) {}

  /** Enrolled, with the sheet in its first version. */
  async begins(): Promise<void> {
    const { text } = this.db
    for (const table of [text.journal, text.outbox, text.bodies, text.segments, text.rows, text.scopes, text.enrolments]) await table.clear()
    const device = DEVICE[this.name]
    const key = { id: keyId(fromB64u(this.server)), public: this.server }
    await text.enrolments.put({
      device, vault: this.keys.vault, transport: this.transport, sealing: key, receipt: key, epoch: 1, seq: 0, link: hex(genesis(device)), secured: 0,
      hlc: '0'.repeat(24), last_seq: 0, durable_seq: 0, cursor: null, heard_at: null, mended_at: 0, failures: 0, next_at: 0, speaking_since: 0, ended: null,
    })
    await text.vaults.update(this.keys.vault, { device })
    this.acts = 0
    await this.hears(await this.asked(), [], 0, [1, null])
  }

  async takes([, answer, base, fate, sends, asks, results, last, row]: Line): Promise<void> {
    const { text } = this.db
    if (answer !== null) {
      const id = `019cac54-464b-7000-8000-0000000000${this.name.toLowerCase()}${++this.acts}`
      const act: Act = { id, op: 'sheet.answer@1', entity: SHEET, base, args: { I1: { result: answer } }, blobs: [], ms: AT, wall: '2026-03-02T08:00:00.000+08:00', mono_ms: 0, boot: speaker.boot, barrier: true }
      expect(await this.version(), 'the base of an act is the row as last received').toEqual(base)
      await writeDown(text, this.keys, act)
      await freeze(text, this.keys, operations, AT, true)
    }
    if (fate === 'kept') return
    await secure(text, this.keys)
    const request = await this.asked()
    expect([request.mutations.map(({ seq }) => seq), request.ask]).toEqual([sends, asks])
    expect(request.mutations.every((entry) => (entry as Mutation).entity === SHEET)).toBe(true)
    if (fate === 'told') await this.hears(request, results!, last!, row)
  }

  /** Row and ends as the model has them; the digest is what a server would tell, or `hear` would have said so. */
  async ended(row: unknown, ends: string[]): Promise<void> {
    expect(this.held).toEqual(row)
    expect((await this.db.text.outbox.toArray()).map(({ status }) => status)).toEqual(ends)
    expect(await this.db.text.journal.count()).toBe(0)
  }

  private async version() {
    const record = await this.db.text.rows.get(rowKey(this.keys, 'sheet', SHEET))
    return record ? [record.epoch, record.ver] : null
  }

  private async asked() {
    const { text } = this.db
    return (await build(text, (await text.enrolments.get(DEVICE[this.name]))!, this.keys, speaker, 500)).request
  }

  private async hears(request: Parameters<typeof hear>[3], results: NonNullable<Line[6]>, last: number, row: Line[8]): Promise<void> {
    const first = request.cursor === null
    if (row) this.held = row
    const digest = written(plus(0n, rowDigest('sheet', SHEET, this.held[0], rowOf(this.held[1]))))
    const answer: ExchangeAnswer = {
      epoch: 1, server_time: '2026-03-02T00:00:00.000Z', live: true, last_seq: last, durable_seq: 0, receipts: [], missing_blobs: [], sealing_key: null,
      results: results.map(([seq, status, was, ver]) => ({ seq, status, was, ver, conflict: (was ?? status) === 'conflict' ? { id: 'c', fields: ['answers/I1'] } : null, problem: null })),
      changes: row ? [{ scope: SCOPE, op: 'put', collection: 'sheet', id: SHEET, ver: row[0], row: rowOf(row[1]) }] : [],
      more: false, cursor: `${this.held[0]}`, add_scopes: first ? [SCOPE] : [], drop_scopes: [], ready_scopes: first ? [SCOPE] : [], digest: { [SCOPE]: digest },
    }
    const { text } = this.db
    const heard = await hear(text, (await text.enrolments.get(DEVICE[this.name]))!, this.keys, request, answer, new Set(), AT)
    expect([heard.diverged, heard.more]).toEqual([[], false])
  }
}

let phones: Record<'A' | 'B', SmallPhone>
beforeAll(async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
  const server = b64u(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
  expect(await rawPublic(pair.publicKey)).toBe(server)
  const made = async (name: 'A' | 'B') => {
    const { keys, ...db } = await phoneWithVault()
    return new SmallPhone(name, db, keys, (await signingPair(false)).key, server)
  }
  phones = { A: await made('A'), B: await made('B') }
})

it('two phones and three acts come out as the model says, whatever crashes', async () => {
  expect(stories).toHaveLength(4 + 4 * 8 + 4 * 8 * 8)
  for (const { exchanges, row, ends } of stories) {
    await Promise.all([phones.A.begins(), phones.B.begins()])
    for (const line of exchanges as unknown as Line[]) {
      await phones[line[0]].takes(line).catch((error: Error) => {
        throw new Error(`${JSON.stringify(line)} of ${JSON.stringify(exchanges)}: ${error.message}`)
      })
    }
    await phones.A.ended(row, ends.A)
    await phones.B.ended(row, ends.B)
  }
}, 120_000)
