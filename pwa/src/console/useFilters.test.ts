// @vitest-environment happy-dom
import { createApp, defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { describe, expect, it } from 'vitest'
import { useFilters } from './useFilters'

async function at(address: string) {
  let made!: ReturnType<typeof useFilters<'state' | 'mine' | 'q'>>
  const page = defineComponent({ setup: () => ((made = useFilters('state', 'mine', 'q')), () => h('div')) })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/hazards', component: page }] })
  await router.push(address)
  createApp(page).use(router).mount(document.createElement('div'))
  return made
}

describe('filters that are the address', () => {
  it('are read from it, and nothing else is', async () => {
    const { filters } = await at('/hazards?state=open&utm=x&q=')
    expect(filters.value).toEqual({ state: 'open' })
  })
  it('make links that change one and keep the others', async () => {
    const { link } = await at('/hazards?state=open&mine=m1')
    expect(link({ state: 'closed' }).query).toEqual({ state: 'closed', mine: 'm1' })
    expect(link({ mine: undefined }).query).toEqual({ state: 'open' })
  })
  it('go along to the file', async () => {
    const { file } = await at('/hazards?state=open&q=顶板')
    expect(file('/api/v1/hazards.xlsx')).toBe('/api/v1/hazards.xlsx?state=open&q=%E9%A1%B6%E6%9D%BF')
  })
})
