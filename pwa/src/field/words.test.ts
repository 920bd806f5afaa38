import { describe, expect, it } from 'vitest'
import { en as commonEn } from '@/shared/words/en'
import { zh as commonZh } from '@/shared/words/zh'
import { en } from './words/en'
import { en as paperEn } from './words/paper.en'
import { zh as paperZh } from './words/paper.zh'
import { en as teamEn } from './words/team.en'
import { zh as teamZh } from './words/team.zh'
import { en as visitsEn } from './words/visits.en'
import { zh as visitsZh } from './words/visits.zh'
import { zh } from './words/zh'

const names = (phrase: string) => [...phrase.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

describe.each([
  ['shared with the desk', commonZh as Record<string, string>, commonEn as Record<string, string>],
  ['of lists on paper', paperZh as Record<string, string>, paperEn as Record<string, string>],
  ['of a visit’s team', teamZh as Record<string, string>, teamEn as Record<string, string>],
  ['of visits', visitsZh as Record<string, string>, visitsEn as Record<string, string>],
  ['of the field app', zh as Record<string, string>, en as Record<string, string>],
])('words %s', (_, chinese, english) => {
  it('stand in both languages, every one', () => expect(Object.keys(english).sort()).toEqual(Object.keys(chinese).sort()))
  it('are never empty', () => expect([...Object.values(chinese), ...Object.values(english)].filter((phrase) => !phrase.trim())).toEqual([]))
  it('take the same parameters', () => {
    const differing = Object.keys(chinese).filter((key) => names(chinese[key]!).join() !== names(english[key]!).join())
    expect(differing).toEqual([])
  })
})

it('no word hides another one', () => {
  const keys = [commonZh, zh, paperZh, teamZh, visitsZh].flatMap((words) => Object.keys(words))
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
})
