/** What a phone sent, in words: one line an argument, ids replaced by what they stand for. Pure. */
import { DOCUMENTS, HAZARD, ROLES, VISIT, postOf } from '@/shared/tables'
import { day, time } from '@/shared/when'
import type { Bilingual } from '@/shared/i18n'
import type { Moves } from '@/shared/workflow'
import { has, say, t } from '../i18n'

export type Words = Record<string, Bilingual>
export interface Body { op: string; entity: string; args: Record<string, unknown> }
/** pointer: into the arguments (RFC 6901), as problems point. */
export interface Line { pointer: string; label: string; text: string; photos: string[] }

const WHEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d/
const MOVES: Record<string, Moves> = { hazard: HAZARD, visit: VISIT }
/** Of the machine, or said otherwise. */
const LEFT_OUT = new Set(['seen', 'limits', 'hash', 'data_hash', 'block', 'viewbox', 'form_sha', 'by'])

/** "submission.answer@1" → what that is to people. */
export function opWords(op: unknown, args: Record<string, unknown> = {}): string {
  const name = typeof op === 'string' ? op.replace(/@\d+$/, '') : ''
  const act = typeof args.act === 'string' ? actWord(name, args.act) : ''
  return has(`op.${name}`) ? t(`op.${name}` as 'op.hazard.move', { act }) : t('op.unknown', { op: String(op ?? '—') })
}

function actWord(op: string, act: string): string {
  const move = MOVES[op.split('.')[0]!]?.moves.find((one) => one.act === act)
  return move ? say(move.word) : act
}

export function lines({ op, entity, args }: Body, words: Words): Line[] {
  const known = words[entity]
  const first: Line[] = known ? [{ pointer: '', label: t('arg.record'), text: say(known), photos: [] }] : []
  return [...first, ...Object.entries(args).flatMap(([name, value]) => told(op, name, value, `/${name}`, words))]
}

function told(op: string, name: string, value: unknown, pointer: string, words: Words): Line[] {
  if (LEFT_OUT.has(name) || value === null || value === undefined || value === '' || value === false) return []
  const label = words[name] ? say(words[name]) : has(`arg.${name}`) ? t(`arg.${name}` as 'arg.mine') : name
  if (name === 'photos' && Array.isArray(value)) return value.length ? [{ pointer, label, text: t('arg.photos_n', { n: value.length }), photos: value as string[] }] : []
  if (name === 'strokes') return [{ pointer, label, text: t('arg.signed'), photos: [] }]
  if (name === 'evidence' || name === 'answers' || name === 'signature' || name === 'representative') return within(op, value, pointer, words)
  if (typeof value === 'object') return isAnswer(value) ? answer(label, value as Given, pointer) : within(op, value, pointer, words)
  return [{ pointer, label, text: text(op, name, value, words), photos: [] }]
}

const within = (op: string, value: unknown, pointer: string, words: Words): Line[] =>
  Object.entries((value ?? {}) as Record<string, unknown>).flatMap(([name, inner]) => told(op, name, inner, `${pointer}/${name}`, words))

interface Given { result?: string; value?: unknown; note?: string; photos?: string[] }
const isAnswer = (value: object | null) => value !== null && ('result' in value || 'value' in value)

function answer(label: string, { result, value, note, photos = [] }: Given, pointer: string): Line[] {
  const parts = [result && has(`result.${result}`) && t(`result.${result}` as 'result.pass'), value !== undefined && String(value), note]
  return [{ pointer, label, text: parts.filter(Boolean).join(' · '), photos }]
}

function text(op: string, name: string, value: unknown, words: Words): string {
  if (value === true) return t('common.yes')
  const plain = String(value)
  if (words[plain]) return say(words[plain])
  if (name === 'act') return actWord(op, plain)
  if (name === 'post') return say(postOf(plain))
  if (name === 'role' || name === 'told') return ROLES[plain] ? say(ROLES[plain]) : has(`role.${plain}`) ? t(`role.${plain}` as 'role.filler') : plain
  if (name === 'kind' && DOCUMENTS[plain]) return say(DOCUMENTS[plain])
  return WHEN.test(plain) ? `${day(plain)} ${time(plain)}` : plain
}
