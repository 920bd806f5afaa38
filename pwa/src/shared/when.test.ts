import { describe, expect, it } from 'vitest'
import { day, dayTime, instant, minute, spanTo, stamp, time } from './when'

describe('times are those of the mine, wherever the phone thinks it is', () => {
  const late = '2026-03-02T23:40:00+08:00'
  it('in its day', () => expect(day(late)).toBe('2026-03-02'))
  it('in its hour', () => expect(time('2026-03-02T16:05:00Z')).toBe('00:05'))
  it('together, without the year', () => expect(dayTime(late)).toBe('03-02 23:40'))
  it('from wall clock to instant and back', () => expect(dayTime(instant('2026-03-05', '16:00'))).toBe('03-05 16:00'))
  it('on records with the offset of that clock, as the paper prints it', () => {
    expect(stamp(new Date('2026-03-02T16:05:09.120Z'))).toBe('2026-03-03T00:05:09.120+08:00')
  })
  it('on papers to the minute', () => expect(minute('2026-03-02T16:05:09.120Z')).toBe('2026-03-03T00:05+08:00'))
})

describe('the time left', () => {
  const now = new Date('2026-03-02T08:00:00+08:00')
  it('counts days, hours and minutes', () => expect(spanTo('2026-03-03T10:15:00+08:00', now)).toEqual({ days: 1, hours: 2, minutes: 15, late: false }))
  it('says how late it is', () => expect(spanTo('2026-03-02T07:30:00+08:00', now)).toEqual({ days: 0, hours: 0, minutes: 30, late: true }))
  it('is not late at the very minute', () => expect(spanTo('2026-03-02T08:00:10+08:00', now).late).toBe(false))
})
