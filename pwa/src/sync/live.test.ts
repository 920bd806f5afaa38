/** Values that tell when they change. */
import { expect, it } from 'vitest'
import { first, live, Topics } from './live'
import { begin, enrolled, world } from './testing/world'

it('a number that the database counts is told as a number, whoever’s promises the database makes', async () => {
  const { engine } = await enrolled(await world())
  await begin(engine)
  const told: unknown[] = []
  engine.received.subscribe((now) => told.push(now))
  await first(engine.unsent)
  await engine.sendNow()
  expect(told.map((one) => typeof one)).toEqual(told.map(() => 'number'))
})

it('what needs no waiting is told before whoever changed it goes on, and what an older read finds is dropped', async () => {
  const topics = new Topics()
  const answers: ((value: string) => void)[] = []
  const told: string[] = []
  live(topics, ['a'], () => new Promise<string>((found) => answers.push(found))).subscribe((now) => told.push(now))
  topics.tell('a')
  answers[1]!('newer')
  answers[0]!('older')
  await Promise.resolve()
  expect(told).toEqual(['newer'])

  let value = 1
  const plain: number[] = []
  live(topics, ['b'], () => value).subscribe((now) => plain.push(now))
  value = 2
  topics.tell('b')
  expect(plain).toEqual([1, 2])
})
