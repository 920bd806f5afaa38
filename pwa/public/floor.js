/*
 * Checked before anything else, in the oldest JavaScript, because a browser below the floor cannot read the rest:
 * Chromium 107 (and its makers' shells), Safari 16.4, HarmonyOS ArkWeb 114. Says in words what to do.
 */
(function (window) {
  'use strict'
  var document = window.document
  var agent = window.navigator.userAgent

  function lacking() {
    var chromium = /(?:Chrome|CriOS)\/(\d+)/.exec(agent)
    var least = /ArkWeb\//.test(agent) ? 114 : 107
    var list = []
    if (!window.indexedDB) list.push('IndexedDB')
    if (!window.crypto || !window.crypto.subtle) list.push('WebCrypto')
    if (!window.navigator.locks) list.push('Web Locks')
    if (!window.OffscreenCanvas) list.push('OffscreenCanvas')
    if (!window.HTMLDialogElement) list.push('dialog')
    if (!/CriOS/.test(agent) && chromium && Number(chromium[1]) < least) list.push('Chromium ' + chromium[1] + ' < ' + least)
    return list
  }

  function trouble() {
    if (/MicroMessenger|DingTalk|wxwork|Feishu|Lark/i.test(agent)) {
      return {
        name: 'container',
        zh: ['请在浏览器打开', '微信、钉钉等应用内的页面不能保存离线记录。请点右上角“…”，选择“在浏览器打开”。'],
        en: ['Open it in a browser', 'Inside WeChat, DingTalk and the like, offline records cannot be kept. Tap “…” at the top right and choose “Open in browser”.']
      }
    }
    if (!window.isSecureContext) {
      return {
        name: 'insecure',
        zh: ['网址不安全，不能离线使用', '请用 https 开头的网址打开。内网使用时，请管理员按部署手册安装证书。'],
        en: ['This address is not secure, so nothing works offline', 'Open the address that begins with https. On an intranet the administrator installs a certificate (see the operator’s guide).']
      }
    }
    var list = lacking()
    return list.length ? {
      name: 'old',
      zh: ['浏览器版本过低', '请升级或安装：安卓 Chrome 或 Edge 107 以上；苹果 iOS 16.4 以上的 Safari；鸿蒙自带浏览器最新版。缺少：' + list.join('、')],
      en: ['This browser is too old', 'Update or install: Chrome or Edge 107 or later on Android; Safari on iOS 16.4 or later; the newest built-in browser on HarmonyOS. Missing: ' + list.join(', ')]
    } : null
  }

  function show(found) {
    var main = document.createElement('main')
    main.id = 'floor'
    ;[['zh-CN', found.zh], ['en', found.en]].forEach(function (words) {
      var section = document.createElement('section')
      section.lang = words[0]
      var title = document.createElement('h1')
      title.textContent = words[1][0]
      var text = document.createElement('p')
      text.textContent = words[1][1]
      section.appendChild(title)
      section.appendChild(text)
      main.appendChild(section)
    })
    main.style.cssText = 'max-width:640px;margin:0 auto;padding:24px;font:20px/1.6 sans-serif;color:#14181d'
    document.body.insertBefore(main, document.body.firstChild)
  }

  var found = trouble()
  if (found) {
    // main.ts reads this and does not start.
    document.documentElement.setAttribute('data-floor', found.name)
    show(found)
  }
})(window)
