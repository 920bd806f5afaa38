// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'

const script = readFileSync('public/floor.js', 'utf8')
const CHROME = (version: number, more = '') => `Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/${version}.0.0.0 Mobile Safari/537.36${more}`
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 16_4 like Mac OS X) AppleWebKit/605.1.15 Version/16.4 Mobile/15E148 Safari/604.1'

/** Opens the page in a browser that has everything, but for what is said here. */
function open(userAgent: string, { locks = {}, ...lacks }: Record<string, unknown> = {}) {
  const whole = { indexedDB: {}, crypto: { subtle: {} }, OffscreenCanvas: class {}, HTMLDialogElement: class {}, isSecureContext: true }
  runInNewContext(script, { window: { document, navigator: { userAgent, locks }, ...whole, ...lacks } })
  return { name: document.documentElement.getAttribute('data-floor'), words: document.body.textContent! }
}
afterEach(() => {
  document.documentElement.removeAttribute('data-floor')
  document.body.textContent = ''
})

describe('a browser on the floor or above it', () => {
  it.each([CHROME(107), CHROME(130, ' EdgA/130'), CHROME(114, ' ArkWeb/4.1.6.1'), SAFARI])('goes on: %s', (agent) => {
    expect(open(agent)).toEqual({ name: null, words: '' })
  })
})

describe('a browser below it is told in words what to do', () => {
  it('by its version', () => {
    const { name, words } = open(CHROME(106))
    expect(name).toBe('old')
    expect(words).toContain('浏览器版本过低')
    expect(words).toContain('Update or install')
  })
  it('with a higher floor on HarmonyOS', () => expect(open(CHROME(110, ' ArkWeb/4.1.6.1')).name).toBe('old'))
  it.each([
    ['IndexedDB', { indexedDB: undefined }],
    ['WebCrypto', { crypto: {} }],
    ['Web Locks', { locks: null }],
    ['OffscreenCanvas', { OffscreenCanvas: undefined }],
  ])('by what it lacks: %s', (what, lacks) => {
    const { name, words } = open(SAFARI, lacks)
    expect(name).toBe('old')
    expect(words).toContain(what)
  })
})

describe('elsewhere', () => {
  it.each([' MicroMessenger/8.0', ' DingTalk/7.0', ' wxwork/4.1'])('in%s it says to open a browser', (container) => {
    expect(open(CHROME(120, container)).words).toContain('请在浏览器打开')
  })
  it('on plain http in a LAN it says that nothing works offline there', () => {
    const { name, words } = open(CHROME(120), { isSecureContext: false })
    expect(name).toBe('insecure')
    expect(words).toContain('https')
  })
})
