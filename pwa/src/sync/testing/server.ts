/**
 * A server for tests that follows docs/adr/0004 as far as a phone can tell, and breaks when told to.
 *
 * It knows sheets (answers by item) and hazards (a state), in the scopes that a user is given.
 */
import { readBundle } from '../bundle'
import { b64u, fromB64u, fromHex, gunzip, hex, text, type Bytes } from '../bytes'
import { rowDigest, plus, written } from '../digest'
import {
  bodyHash, certificateMessage, enrolMessage, exchangeMessage, genesis, headMessage, link, LIMITS, receiptMessage,
  type Certificate, type Change, type EnrolRequest, type Entry, type ExchangeRequest, type Json, type Mutation, type Receipt, type Result, type Sealed,
} from '../envelope'
import { keyId, sign, signingPair, verify } from '../keys'
import { associated, open } from '../sealing'

export interface Device { device: string; user: string; phone: string; transport_key: string; signing_key: string; last_seq: number; durable_seq: number; link: Bytes }
interface Stored { entry: Entry; hash: string; result: Result }
export interface ServerRow { collection: string; id: string; scope: string; ver: number; row: Json }
interface State {
  epoch: number
  devices: Map<string, Device>
  stored: Map<string, Stored>
  ids: Map<string, string>
  rows: Map<string, ServerRow>
  /** Every change, in order: what a cursor counts. */
  log: { scope: string; collection: string; id: string }[]
  blobs: Set<string>
}
/** What a server knows that a phone of an earlier day spoke with. */
export interface Given { state: State; sealing: CryptoKey; raw: Bytes; count: number }
type Fault = 'unreachable' | 'reply lost' | 'hotel' | number

export class TestServer {
  state: State = { epoch: 1, devices: new Map(), stored: new Map(), ids: new Map(), rows: new Map(), log: [], blobs: new Set() }
  scopes = new Map<string, Set<string>>()
  /** Whose cookies the phone holds; null: none that are good. renewable: whom /auth/refresh, whom /auth/resume signs in again. */
  session: string | null = null
  renewable: string | null = null
  readonly aside = new Set<string>()
  /** What befalls the next requests, in order. */
  faults: Fault[] = []
  page = 100
  most: number = LIMITS.entries
  bundles: number[] = []
  requests: { path: string; body: ExchangeRequest; bytes: number; session: boolean }[] = []
  refuse: (mutation: Mutation) => string | null = () => null
  /** Fields of a mutation that somebody else changed meanwhile. */
  clash: (mutation: Mutation) => string[] = () => []
  now = () => 0
  private sealing!: CryptoKeyPair
  private raw!: Bytes
  /** Devices that were reported lost. */
  readonly lost = new Set<string>()
  private receipt!: { key: CryptoKey; raw: string }
  private count = 0

  async start(): Promise<this> {
    this.sealing = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits'])
    this.raw = new Uint8Array(await crypto.subtle.exportKey('raw', this.sealing.publicKey))
    this.receipt = await signingPair(false)
    return this
  }

  given = async (): Promise<Given> => ({ state: this.state, sealing: this.sealing.privateKey, raw: this.raw, count: this.count })

  take({ state, sealing, raw, count }: Given): void {
    Object.assign(this, { state, raw, count, sealing: { ...this.sealing, privateKey: sealing } })
  }

  backup = (): State => structuredClone(this.state)

  restore(backup: State): void {
    this.state = structuredClone(backup)
    this.state.epoch = backup.epoch + 1
  }

  /** A row changed at the desk. */
  put(collection: string, id: string, scope: string, row: Json): void {
    const key = `${collection}/${id}`
    const before = this.state.rows.get(key)
    if (before && before.scope !== scope) this.state.log.push({ scope: before.scope, collection, id })
    this.state.rows.set(key, { collection, id, scope, row, ver: (before?.ver ?? 0) + 1 })
    this.state.log.push({ scope, collection, id })
  }

  row = (collection: string, id: string): Json | undefined => this.state.rows.get(`${collection}/${id}`)?.row
  /** The mutations that a device brought, in their order. */
  brought = (device: string): Entry[] => [...this.state.stored].filter(([key]) => key.startsWith(`${device}/`)).map(([, { entry }]) => entry)
  get exchanges() {
    return this.requests.filter(({ path }) => path === '/sync/exchange')
  }

  fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const path = String(input).replace('/api/v1', '')
    const fault = this.faults.shift()
    if (fault === 'unreachable') throw new TypeError('fetch failed')
    if (fault === 'hotel') return new Response('<html>please sign in</html>', { headers: { 'Content-Type': 'text/html' } })
    if (typeof fault === 'number') return problem(fault, fault === 413 ? 'sync.too_large' : 'server.failed')
    const session = init.credentials !== 'omit' ? this.session : null
    const answer = await this.answer(path, init, session)
    if (fault === 'reply lost') throw new TypeError('connection cut')
    return answer
  }

  private async answer(path: string, init: RequestInit, session: string | null): Promise<Response> {
    if (path === '/auth/refresh') return this.signIn(this.renewable)
    if (path === '/auth/resume') {
      const { user } = JSON.parse(init.body as string)
      return this.signIn(this.aside.has(user) ? user : null)
    }
    if (path === '/sync/bundles') return this.bundle(init.body as string)
    const packed = (init.headers as Record<string, string>)['Content-Encoding'] === 'gzip'
    const body = JSON.parse(packed ? text(await gunzip(init.body as Bytes)) : (init.body as string))
    this.requests.push({ path, body, bytes: packed ? (init.body as Bytes).length : 0, session: session !== null })
    return path === '/sync/enrolments' ? this.enrol(body, session) : this.exchange(body, session)
  }

  private signIn(user: string | null): Response {
    if (!user) return problem(401, 'account.ended')
    this.session = this.renewable = user
    this.aside.add(user)
    return json({ me: { id: user } })
  }

  private async enrol(request: EnrolRequest & { proof: Record<string, string> }, session: string | null): Promise<Response> {
    if (!session) return problem(401, 'account.ended')
    if (session !== request.user) return problem(403, 'sync.user_mismatch')
    const message = enrolMessage(request)
    if (!(await verify(request.transport_key, message, request.proof.transport!))) return problem(422, 'sync.proof_invalid')
    if (!(await verify(request.signing_key, message, request.proof.signing!))) return problem(422, 'sync.proof_invalid')
    if (request.replaces && !this.state.devices.has(request.replaces)) return problem(404, 'sync.device_unknown')
    const known = [...this.state.devices.values()].find(({ transport_key }) => transport_key === request.transport_key)
    const device = known?.device ?? `00000000-0000-7000-8000-${(++this.count).toString(16).padStart(12, '0')}`
    const { user, phone, transport_key, signing_key } = request
    if (!known) this.state.devices.set(device, { device, user, phone, transport_key, signing_key, last_seq: 0, durable_seq: 0, link: genesis(device) })
    const key = { id: keyId(this.raw), public: b64u(this.raw) }
    return json({ device, epoch: this.state.epoch, last_seq: known?.last_seq ?? 0, durable_seq: 0, server_time: this.time(), sealing_key: key, receipt_key: { id: key.id, public: this.receipt.raw }, certificate: await this.certificate(user, signing_key) }, 201)
  }

  /** The server's word that this key is this person's, for 30 days. */
  async certificate(user: string, signing_key: string): Promise<Certificate> {
    const until = new Date(this.now() + 30 * 86_400_000).toISOString()
    const said: Certificate = { v: 1, user, signing_key, from: this.time(), until, key: keyId(fromB64u(this.receipt.raw)), sig: '' }
    return { ...said, sig: await sign(this.receipt.key, certificateMessage(said)) }
  }

  private async bundle(body: string): Promise<Response> {
    const segments = readBundle(body)
    this.bundles.push(segments.length)
    if (segments.length > this.most) return problem(413, 'sync.too_large')
    const receipts: Receipt[] = []
    for (const segment of segments) receipts.push(await this.receiptFor(segment))
    return json({ server_time: this.time(), receipts })
  }

  private async receiptFor(sealed: Sealed): Promise<Receipt> {
    const { device, first, last } = sealed
    const run = await this.opened(sealed).catch(() => null)
    const told = run && (await this.received(this.state.devices.get(device)!, run.mutations, run.head_sig))
    const receipt: Receipt = {
      device, first, last, at: this.time(), problem: told ? null : { code: 'sealed.unopenable', params: {} },
      results: told?.map(({ seq, status, was }) => ({ seq, status: was ?? status })) ?? [], sig: '',
    }
    return { ...receipt, sig: await sign(this.receipt.key, receiptMessage(receipt)) }
  }

  private async opened({ device, first, last, box }: Sealed): Promise<{ mutations: Entry[]; head_sig: string }> {
    return JSON.parse(text(await gunzip(await open(this.sealing.privateKey, this.raw, box, associated(device, first, last)))))
  }

  private async exchange(request: ExchangeRequest & { auth: string }, session: string | null): Promise<Response> {
    const device = this.state.devices.get(request.device)
    if (!device) return problem(404, 'sync.device_unknown')
    if (!(await verify(device.transport_key, exchangeMessage(request), request.auth))) return problem(401, 'sync.auth_invalid')
    if (request.mutations.length + request.sealed.length > this.most) return problem(413, 'sync.too_large')
    const results: Result[] = []
    const runs = [{ entries: request.mutations, head_sig: request.head_sig }]
    for (const sealed of request.sealed) {
      const { mutations, head_sig } = await this.opened(sealed)
      runs.push({ entries: mutations, head_sig })
    }
    for (const { entries, head_sig } of runs) {
      const forked = entries.find((entry) => (this.state.stored.get(`${device.device}/${entry.seq}`)?.hash ?? hex(bodyHash(entry))) !== hex(bodyHash(entry)))
      if (forked) return problem(409, 'sync.device_forked')
      results.push(...(await this.received(device, entries, head_sig)))
    }
    for (const seq of request.ask) {
      const stored = this.state.stored.get(`${device.device}/${seq}`)
      if (stored) results.push(stored.result)
    }
    const revoked = this.lost.has(device.device)
    const live = session === device.user && !revoked
    return json({
      epoch: this.state.epoch, server_time: this.time(), live, revoked, last_seq: device.last_seq, durable_seq: device.durable_seq, results, receipts: [],
      certificate: live && request.certify ? await this.certificate(device.user, device.signing_key) : null,
      missing_blobs: this.missing(device), sealing_key: null, ...(live && request.pull ? this.pull(device.user, request.cursor) : NOTHING),
    })
  }

  private async received(device: Device, entries: Entry[], signature: string | null): Promise<Result[]> {
    const held = (entry: Entry): Result => ({ seq: entry.seq, status: 'held', was: null, ver: null, conflict: null, problem: null })
    // A real server keeps what is beyond a gap; a phone must not count on it.
    if (entries[0] && entries[0].seq > device.last_seq + 1) return entries.map(held)
    let head = device.link
    for (const entry of entries) if (entry.seq > device.last_seq) head = link(head, entry.seq, bodyHash(entry))
    const fresh = entries.some(({ seq }) => seq > device.last_seq)
    const good = !fresh || (await verify(device.signing_key, headMessage(head), signature ?? ''))
    return entries.map((entry) => {
      const key = `${device.device}/${entry.seq}`
      const before = this.state.stored.get(key)
      if (before) return { ...before.result, status: 'duplicate', was: before.result.status as 'applied' }
      const hash = hex(bodyHash(entry))
      const result = this.judge(device, entry, hash, good)
      this.state.stored.set(key, { entry, hash, result: result.status === 'duplicate' ? { ...result, status: result.was!, was: null } : result })
      device.last_seq = entry.seq
      device.link = link(device.link, entry.seq, fromHex(hash))
      return result
    })
  }

  private judge(device: Device, entry: Entry, hash: string, good: boolean): Result {
    const result = (part: Partial<Result>): Result => ({ seq: entry.seq, status: 'applied', was: null, ver: null, conflict: null, problem: null, ...part })
    const bad = (code: string) => result({ status: 'quarantined', problem: { code, params: {} } })
    if (!good) return bad('mutation.signature_invalid')
    if ('void' in entry) return bad('mutation.void')
    if (this.lost.has(device.device)) return bad('mutation.device_revoked')
    const known = this.state.ids.get(entry.id)
    if (known) return known === hash ? result({ status: 'duplicate', was: 'applied', ver: this.state.rows.get(recordOf(entry))?.ver ?? null }) : bad('mutation.id_reused')
    this.state.ids.set(entry.id, hash)
    const code = this.refuse(entry)
    if (code) return bad(code)
    const fields = this.clash(entry)
    if (fields.length > 0) return result({ status: 'conflict', ver: this.apply(device, entry), conflict: { id: `conflict of ${entry.id}`, fields } })
    return result({ ver: this.apply(device, entry) })
  }

  private apply({ user }: Device, { op, entity, args }: Mutation): number {
    const [collection] = op.split('.') as [string]
    const before = this.row(collection, entity) ?? { state: 'draft', answers: {} }
    const row = op === 'sheet.answer@1' ? { ...before, answers: { ...(before.answers as Json), ...(args.answers as Json) } } : { ...before, ...args }
    this.put(collection, entity, this.state.rows.get(`${collection}/${entity}`)?.scope ?? (collection === 'sheet' ? `person:${user}` : 'mine:1'), row)
    return this.state.rows.get(`${collection}/${entity}`)!.ver
  }

  private missing(device: Device): string[] {
    const named = this.brought(device.device).flatMap((entry) => ('void' in entry ? [] : entry.blobs))
    return [...new Set(named)].filter((sha) => !this.state.blobs.has(sha))
  }

  private pull(user: string, cursor: string | null) {
    const now = this.scopes.get(user) ?? new Set<string>()
    const seen = (cursor ? JSON.parse(text(fromB64u(cursor))) : null) as { epoch: number; lsn: number; scopes: string[]; left: string[] } | null
    const known = seen?.epoch === this.state.epoch ? seen : { epoch: this.state.epoch, lsn: this.state.log.length, scopes: [], left: [] }
    const added = [...now].filter((scope) => !known.scopes.includes(scope))
    const dropped = known.scopes.filter((scope) => !now.has(scope))
    const paged = [...this.state.rows.values()].filter(({ scope }) => added.includes(scope)).map(({ collection, id }) => `${collection}/${id}`)
    const logged = this.state.log.slice(known.lsn).filter(({ scope }) => known.scopes.includes(scope) && now.has(scope))
    const changes: Change[] = logged.map(({ scope, collection, id }) => this.change(scope, `${collection}/${id}`))
    const due = [...known.left, ...paged]
    changes.push(...due.slice(0, this.page).flatMap((key) => (this.state.rows.has(key) ? [this.change(this.state.rows.get(key)!.scope, key)] : [])))
    const left = due.slice(this.page)
    const scopes = [...now]
    const next = { epoch: this.state.epoch, lsn: this.state.log.length, scopes, left }
    const unready = left.length > 0
    return {
      changes, more: unready, cursor: b64u(new TextEncoder().encode(JSON.stringify(next))), add_scopes: added, drop_scopes: dropped,
      ready_scopes: unready ? [] : scopes, digest: unready ? {} : Object.fromEntries(scopes.map((scope) => [scope, this.digest(scope)])),
    }
  }

  private change(scope: string, key: string): Change {
    const row = this.state.rows.get(key)!
    if (row.scope !== scope) return { scope, op: 'leave', collection: row.collection, id: row.id, ver: null, row: null }
    return { scope, op: 'put', collection: row.collection, id: row.id, ver: row.ver, row: row.row }
  }

  digest(scope: string): string {
    const rows = [...this.state.rows.values()].filter((row) => row.scope === scope)
    return written(rows.reduce((sum, { collection, id, ver, row }) => plus(sum, rowDigest(collection, id, ver, row)), 0n))
  }

  private time = (): string => new Date(this.now()).toISOString()
}

const NOTHING = { changes: [], more: false, cursor: null, add_scopes: [], drop_scopes: [], ready_scopes: [], digest: {} }
const recordOf = ({ op, entity }: Mutation): string => `${op.split('.')[0]}/${entity}`
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
const problem = (status: number, code: string) => json({ code, title: code, params: {} }, status)
