/** The envelope as docs/adr/0004 has it, byte for byte: the same files that the server's tests run. */
import { describe, expect, it } from 'vitest'
import bundles from '../../../sync/vectors/bundle.json'
import canonicals from '../../../sync/vectors/canonical.json'
import chain from '../../../sync/vectors/chain.json'
import digests from '../../../sync/vectors/digest.json'
import enrolment from '../../../sync/vectors/enrolment.json'
import exchange from '../../../sync/vectors/exchange.json'
import hlcs from '../../../sync/vectors/hlc.json'
import idCases from '../../../sync/vectors/ids.json'
import sealed from '../../../sync/vectors/sealed.json'
import { readBundle, writeBundle } from './bundle'
import { b64u, fromB64u, fromHex, gunzip, hex, text } from './bytes'
import { canonical, canonicalBytes, sha256 } from './canonical'
import { wall } from './clock'
import { minus, plus, rowDigest, written } from './digest'
import {
  bodyHash, certificateMessage, enrolMessage, exchangeMessage, genesis, headMessage, link, receiptMessage, skeleton,
  type Certificate, type Entry, type EnrolRequest, type ExchangeRequest, type Mutation, type Receipt,
} from './envelope'
import { clamp, parse, receive, send, write } from './hlc'
import { isUuid7, uuid7 } from './ids'
import { keyId, rawPublic, sign, signingPair, verify } from './keys'
import { associated, open, seal, sealSegment } from './sealing'

const ecdh = (jwk: JsonWebKey, uses: KeyUsage[]) => crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, true, uses)
const publicOf = ({ kty, crv, x, y }: Record<string, string>) => ({ kty, crv, x, y }) as JsonWebKey

describe('canonical JSON', () => {
  it.each(canonicals.cases)('of $json has one form and one hash', ({ json, canonical: form, sha256: hash }) => {
    expect(canonical(JSON.parse(json))).toBe(form)
    expect(hex(sha256(canonicalBytes(JSON.parse(json))))).toBe(hash)
  })
  it('refuses what JSON cannot carry, and takes undefined members as absent', () => {
    expect(() => canonical([NaN])).toThrow(RangeError)
    expect(canonical({ b: undefined, a: 1 })).toBe('{"a":1}')
  })
})

describe('ids and keys', () => {
  it.each(idCases.uuid7)('UUIDv7 of $ms and $random', ({ ms, random, id }) => {
    expect(uuid7(ms, fromHex(random))).toBe(id)
    expect(isUuid7(id)).toBe(true)
  })
  it.each(idCases.invalid_uuid7)('%j is no UUIDv7', (id) => expect(isUuid7(id)).toBe(false))
  it.each(idCases.base64url)('base64url of $hex', ({ hex: digits, text: encoded }) => {
    expect(b64u(fromHex(digits))).toBe(encoded)
    expect(hex(fromB64u(encoded))).toBe(digits)
  })
  it.each(idCases.invalid_base64url)('%j is no base64url', (encoded) => expect(() => fromB64u(encoded)).toThrow(RangeError))
  it.each(idCases.keys)('the public key of $name', async ({ jwk, public: raw }) => {
    expect(await rawPublic(await ecdh(publicOf(jwk), []))).toBe(raw)
  })
  it.each(idCases.invalid_public_keys)('nothing is signed by the public key %j', async (raw) => {
    expect(await verify(raw, fromHex(chain.head_message), chain.head_sig)).toBe(false)
  })
})

describe('the hybrid logical clock', () => {
  it.each(hlcs.text)('$text', ({ text: reading, ...parts }) => {
    expect(write(parts)).toBe(reading)
    expect(parse(reading)).toEqual(parts)
  })
  it.each(hlcs.invalid)('%j is no reading', (reading) => expect(() => parse(reading)).toThrow(RangeError))
  it.each(hlcs.send)('after $last at $now_ms comes $next', ({ last, now_ms, next }) => {
    expect(write(send(parse(last), now_ms))).toBe(next)
  })
  it.each(hlcs.receive)('having heard $remote, after $last comes $next', ({ last, remote, now_ms, next, suspect }) => {
    const heard = receive(parse(last), parse(remote), now_ms)
    expect([write(heard.next), heard.suspect]).toEqual([next, suspect])
  })
  it.each(hlcs.clamp)('$remote at $now_ms is taken as $clamped', ({ remote, now_ms, clamped, suspect }) => {
    const taken = clamp(parse(remote), now_ms)
    expect([write(taken.clamped), taken.suspect]).toEqual([clamped, suspect])
  })
})

describe('local time', () => {
  it('is written with its offset, 29 characters', () => {
    const at = Date.UTC(2026, 2, 2, 2, 15, 30, 123)
    const clock = (offset: number) => ({ now: () => at, mono: () => 0, offset: () => offset })
    expect(wall(clock(480))).toBe('2026-03-02T10:15:30.123+08:00')
    expect(wall(clock(-210))).toBe('2026-03-01T22:45:30.123-03:30')
    expect(wall(clock(0))).toBe('2026-03-02T02:15:30.123+00:00')
  })
})

describe('the chain', () => {
  const entries = chain.mutations.map(({ mutation }) => mutation as unknown as Mutation)

  it.each(chain.genesis)('of $device begins', ({ device, link: first }) => expect(hex(genesis(device))).toBe(first))
  it('binds every mutation in its order', () => {
    let head = fromHex(chain.link_40)
    for (const { mutation, canonical: form, hash, link: next } of chain.mutations) {
      expect(canonical({ ...mutation, seq: undefined })).toBe(form)
      expect(hex(bodyHash(mutation as unknown as Mutation))).toBe(hash)
      head = link(head, mutation.seq, fromHex(hash))
      expect(hex(head)).toBe(next)
    }
    expect(hex(headMessage(head))).toBe(chain.head_message)
  })
  it('is the same with a void in the place of a mutation', () => {
    let head = fromHex(chain.link_40)
    const links = [entries[0]!, chain.void.entry as Entry, entries[2]!].map((entry) => hex((head = link(head, entry.seq, bodyHash(entry)))))
    expect(links).toEqual(chain.void.links)
  })
  it('is signed by the person, and by nothing else', async () => {
    expect(await verify(chain.signing_key, fromHex(chain.head_message), chain.head_sig)).toBe(true)
    for (const bad of chain.bad_head_sigs) expect(await verify(chain.signing_key, fromHex(chain.head_message), bad)).toBe(false)
  })
  it('is signed here as there', async () => {
    const { key, raw } = await signingPair(false)
    const signature = await sign(key, fromHex(chain.head_message))
    expect(signature).toHaveLength(86)
    expect(await verify(raw, fromHex(chain.head_message), signature)).toBe(true)
  })
})

describe('sealed segments', () => {
  const server = fromB64u(sealed.server_key.public)
  const aad = associated(sealed.device, sealed.first, sealed.last)
  const serverKey = () => ecdh(sealed.server_key.jwk, ['deriveBits'])

  it('are the bytes of the vector', async () => {
    expect(keyId(server)).toBe(sealed.server_key.id)
    expect(hex(aad)).toBe(sealed.aad)
    const ephemeral = { privateKey: await ecdh(sealed.ephemeral, ['deriveBits']), publicKey: await ecdh(publicOf(sealed.ephemeral), []) }
    expect(await seal(server, ephemeral, fromHex(sealed.plaintext), aad)).toBe(sealed.box)
  })
  it('open for the server only, unchanged only', async () => {
    const key = await serverKey()
    expect(hex(await open(key, server, sealed.box, aad))).toBe(sealed.plaintext)
    for (const { box, device, first, last } of sealed.bad) await expect(open(key, server, box, associated(device, first, last))).rejects.toThrow()
  })
  it('carry what was frozen', async () => {
    const entries = sealed.segment.mutations as unknown as Mutation[]
    const { segment, box } = sealed.authored
    const part = await sealSegment(server, sealed.device, entries, segment.head_sig, segment.author)
    expect([part.first, part.last]).toEqual([41, 43])
    for (const one of [part.box, box]) {
      const plain = await gunzip(await open(await serverKey(), server, one, aad))
      expect(JSON.parse(text(plain))).toEqual(segment)
    }
  })
})

describe('exchange, receipt and enrolment', () => {
  it.each(exchange.requests)('the transport key signs a skeleton', async ({ request, skeleton: form, message }) => {
    const given = request as unknown as ExchangeRequest
    expect(canonical(skeleton(given))).toBe(form)
    expect(hex(exchangeMessage(given))).toBe(message)
    expect(await verify(exchange.transport_key, exchangeMessage(given), request.auth)).toBe(true)
  })
  it('any change of a request shows', async () => {
    for (const request of exchange.tampered) {
      expect(await verify(exchange.transport_key, exchangeMessage(request as unknown as ExchangeRequest), request.auth)).toBe(false)
    }
  })
  it('hashes that are known already are signed as they are', () => {
    const request = { ...exchange.requests[1]!.request } as unknown as ExchangeRequest
    expect(skeleton(request, new Map([[41, 'known']])).mutations).toHaveProperty('0.1', 'known')
  })
  it('a receipt is signed by the server', async () => {
    expect(hex(receiptMessage(exchange.receipt as Receipt))).toBe(exchange.receipt_message)
    expect(await verify(exchange.receipt_key, receiptMessage(exchange.receipt as Receipt), exchange.receipt.sig)).toBe(true)
  })
  it('whose signing key it is is signed by the server', async () => {
    const certificate = exchange.certificate as Certificate
    expect(await verify(exchange.receipt_key, certificateMessage(certificate), certificate.sig)).toBe(true)
    expect(await verify(exchange.receipt_key, certificateMessage({ ...certificate, user: enrolment.request.phone }), certificate.sig)).toBe(false)
  })
  it('both keys prove themselves in an enrolment', async () => {
    const { proof, ...request } = enrolment.request
    const message = enrolMessage(request as EnrolRequest)
    expect(hex(message)).toBe(enrolment.message)
    expect(await verify(request.transport_key, message, proof.transport)).toBe(true)
    expect(await verify(request.signing_key, message, proof.signing)).toBe(true)
  })
})

describe('bundles', () => {
  it('are written and read as text', () => {
    expect(writeBundle(bundles.segments)).toBe(bundles.text)
    expect(writeBundle([])).toBe(bundles.empty)
    for (const good of [bundles.text, ...bundles.also_good]) expect(readBundle(good)).toEqual(bundles.segments)
    expect(readBundle(bundles.empty)).toEqual([])
  })
  it.each(bundles.bad)('one that was cut or changed is refused', (bad) => expect(() => readBundle(bad)).toThrow(RangeError))
})

describe('digests', () => {
  it.each(digests.rows)('of a row of $collection', ({ collection, id, ver, row, digest }) => {
    expect(written(rowDigest(collection, id, ver, row))).toBe(digest)
  })
  it.each(digests.sums)('add up', ({ digests: parts, digest }) => {
    const values = parts.map((part) => BigInt(`0x${part}`))
    const sum = values.reduce(plus, 0n)
    expect(written(sum)).toBe(digest)
    expect(values.reduce(minus, sum)).toBe(0n)
  })
})
