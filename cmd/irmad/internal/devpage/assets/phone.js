// The simulated phone. The wallet runs in irmad; this shows its screen and passes
// on what its user does.

import { ask, pause } from './api.js'
import { announce, button, byId, el, show } from './dom.js'
import { valueList } from './words.js'

const storage = 'irmad-phone'

/** Phone is the phone of this browser. It calls trouble with a text, or with none when that is over. */
export class Phone {
  constructor (trouble) {
    this.trouble = trouble
    this.screen = byId('screen')
    this.secret = localStorage.getItem(storage)
    this.view = { screen: 'off', cards: [] }
    this.#draw()
    this.#watch()
  }

  /** Lets the phone scan this session pointer; nothing if there is none to scan. */
  offer (pointer) {
    this.pointer = pointer
    if (this.view.screen === 'home' || this.view.screen === 'end') this.#draw()
  }

  /** Tells that the session is over for the website, so the phone need not ask any more. */
  over () {
    this.offer(undefined)
    if (['pairing', 'question', 'missing'].includes(this.view.screen)) this.#stop().catch(() => {}) // it has moved on
  }

  /** Shows what the phone shows, whenever that changes. */
  async #watch () {
    for (;;) {
      try {
        if (!this.secret) await this.#make()
        const view = await ask('GET', `phone?after=${this.view.revision ?? 0}`, { headers: this.#headers })
        this.trouble()
        if (view.revision === this.view.revision) continue
        this.view = view
        this.#draw()
      } catch (err) {
        if (err.code === 'UNKNOWN_PHONE') {
          this.secret = undefined
          continue
        }
        this.trouble(err.code === 'OFFLINE' ? 'irmad does not answer. Start it again with “irmad dev”, and this page goes on.' : err.message)
        await pause(1000)
      }
    }
  }

  async #make () {
    const { secret } = await ask('POST', 'phone', { body: {} })
    this.secret = secret
    this.view = { screen: 'off', cards: [] }
    localStorage.setItem(storage, secret)
  }

  get #headers () {
    return { 'X-Irmad-Phone': this.secret }
  }

  /** Ends what is on the screen, unless there is something else by now. */
  async #stop () {
    await ask('POST', 'phone/stop', { headers: this.#headers, body: { question: this.view.revision } })
  }

  async #send (path, body = {}) {
    try {
      await ask('POST', `phone/${path}`, { headers: this.#headers, body: { question: this.view.revision, ...body } })
    } catch (err) {
      announce(err.message)
      const place = this.screen.querySelector('.complaint')
      if (place) place.textContent = err.message
    }
  }

  #draw () {
    const draw = { home: this.#home, busy: this.#busy, pairing: this.#pairing, missing: this.#missing, question: this.#question, end: this.#end }[this.view.screen] ?? this.#off
    this.screen.dataset.screen = this.view.screen
    show(this.screen, draw.call(this))
    this.screen.scrollTop = 0
    const title = this.screen.querySelector('h3')?.textContent
    if (title && !['home', 'off', 'busy'].includes(this.view.screen)) announce(`Phone: ${title}`)
  }

  #off () {
    return [el('div', { className: 'body center-all' }, el('p', { className: 'quiet' }, 'Switching on …'))]
  }

  #home () {
    const { cards } = this.view
    return [
      el('div', { className: 'body' },
        el('h3', {}, 'Cards'),
        cards.length > 0 ? el('ul', { className: 'cards' }, cards.map(card => el('li', {}, cardView(card)))) : el('p', { className: 'quiet none' }, 'No cards yet. Issuers give them; what a website asks for can also be added then.'),
        this.#elsewhere()),
      el('div', { className: 'buttons' }, this.#scan())
    ]
  }

  #scan () {
    const scan = button(this.pointer ? 'Scan the QR' : 'No QR to scan', () => this.#send('scan', this.pointer), 'main')
    scan.disabled = !this.pointer
    scan.dataset.focus = ''
    return scan
  }

  /** For sessions that were started by other programs. */
  #elsewhere () {
    const text = el('textarea', { id: 'pointer', rows: 3, className: 'code', spellcheck: false })
    const complaint = el('p', { className: 'complaint', attributes: { role: 'alert' } })
    const scan = () => {
      const pointer = pointerIn(text.value)
      complaint.textContent = pointer ? '' : 'There is no session pointer in that; it looks like {"u": "http://…", "irmaqr": "disclosing"}.'
      if (pointer) this.#send('scan', pointer)
    }
    return el('details', {}, el('summary', {}, 'Scan something else'),
      el('label', { htmlFor: 'pointer', className: 'small' }, 'What your application got from POST session, or the text in its QR'), text, complaint, button('Scan this', scan, 'plain'))
  }

  #busy () {
    return [el('div', { className: 'body center-all' }, el('div', { className: 'waiting', attributes: { 'aria-hidden': 'true' } }), el('h3', {}, 'One moment …'))]
  }

  #pairing () {
    return [
      el('div', { className: 'body center-all' }, el('h3', {}, 'Pairing code'),
        el('p', { className: 'pairing-code' }, this.view.code),
        el('p', { className: 'quiet' }, 'Type it into the page, so that nobody else takes this session.'),
        el('a', { href: '#session-title', className: 'jump' }, 'Back to the session')),
      el('div', { className: 'buttons' }, button('Stop', () => this.#send('stop'), 'plain'))
    ]
  }

  #missing () {
    const { question } = this.view
    const choices = question.disjunctions.map(d => Math.max(0, d.options.findIndex(o => o.possible)))
    return [
      el('div', { className: 'body' },
        el('h3', {}, 'A card is missing'),
        el('p', {}, el('b', {}, question.server), ' asks for something that is not on this phone:'),
        question.disjunctions.map((d, i) => this.#options(d, i, choices)),
        question.stuck
          ? el('p', { className: 'complaint' }, 'Nothing here can issue that. Use a real phone which has it, or install the private keys of a demo scheme.')
          : el('p', { className: 'quiet small' }, 'On a real phone you would get it from the issuer first. Here you get it with sample values.'),
        el('p', { className: 'complaint', attributes: { role: 'alert' } })),
      el('div', { className: 'buttons' },
        question.stuck ? null : button('Get it now', () => this.#send('obtain', { choices }), 'main'),
        button('Refuse', () => this.#send('obtain', { refuse: true }), 'plain'))
    ]
  }

  #question () {
    const { question } = this.view
    const choices = question.disjunctions.map(() => 0)
    const titles = { disclosing: 'Share this?', signing: 'Sign this?', issuing: 'Add this?' }
    return [
      el('div', { className: 'body' },
        el('h3', {}, titles[question.action]),
        el('p', { className: 'who' }, el('b', {}, question.server), { disclosing: ' asks you to show:', signing: ' asks you to sign:', issuing: ' gives you:' }[question.action]),
        question.message ? el('blockquote', {}, question.message) : null,
        question.credentials.map(card => cardView(card, true)),
        question.disjunctions.length > 0 && question.action !== 'disclosing' ? el('p', {}, question.action === 'signing' ? 'and to show with it:' : 'and asks you to show:') : null,
        question.disjunctions.map((d, i) => this.#options(d, i, choices)),
        el('p', { className: 'complaint', attributes: { role: 'alert' } })),
      el('div', { className: 'buttons' },
        button({ disclosing: 'Share', signing: 'Sign', issuing: 'Add' }[question.action], () => this.#send('answer', { choices }), 'main'),
        button('Refuse', () => this.#send('answer', { refuse: true }), 'plain'))
    ]
  }

  /** Shows the ways to satisfy one question; the chosen one goes into choices. */
  #options ({ label, options }, number, choices) {
    const name = `option-${number}`
    const legend = label || (options.length > 1 ? 'Choose' : '')
    if (options.length === 1) return el('div', { className: 'ask' }, label ? el('p', { className: 'label' }, label) : null, optionView(options[0], true))
    return el('fieldset', { className: 'ask' }, el('legend', {}, legend), options.map((option, i) => el('label', { className: 'row' },
      el('input', { type: 'radio', name, checked: i === choices[number], disabled: !option.possible, onchange: () => { choices[number] = i } }), optionView(option))))
  }

  #end () {
    const { end } = this.view
    const title = end.ok ? { disclosing: 'Shared', signing: 'Signed', issuing: 'Added' }[end.action] ?? 'Done' : end.refused ? 'Refused' : 'That did not work'
    return [
      el('div', { className: 'body' },
        el('div', { className: `big-mark ${end.ok ? 'good' : 'bad'}`, attributes: { 'aria-hidden': 'true' } }, end.ok ? '✓' : '✕'),
        el('h3', { className: 'center' }, title),
        end.ok ? null : el('p', { className: 'center' }, end.refused ? 'Nothing was shared.' : end.reason),
        end.disclosed.length > 0 ? el('ul', { className: 'told' }, end.disclosed.map(attr => el('li', {}, attr.name, el('span', { className: 'quiet' }, ` · ${attr.credential}`)))) : null,
        end.issued.map(card => cardView(card)),
        el('a', { href: '#session-title', className: 'jump center' }, 'Back to the session'),
        end.detail && !end.refused ? el('details', {}, el('summary', {}, 'Details'), el('p', { className: 'small detail' }, end.detail)) : null),
      el('div', { className: 'buttons' }, this.pointer ? this.#scan() : null, button('OK', () => this.#send('stop'), this.pointer ? 'plain' : 'main'))
    ]
  }
}

function cardView (card, open = false) {
  const expires = card.expires ? new Date(card.expires * 1000).toLocaleDateString([], { year: 'numeric', month: 'short', day: 'numeric' }) : ''
  return el('details', { className: 'card', open },
    el('summary', {}, el('b', {}, card.name), el('span', { className: 'small' }, card.issuer)),
    valueList(card.attributes), expires ? el('p', { className: 'small' }, `Until ${expires}`) : null)
}

function optionView ({ attributes, possible }, alone = false) {
  if (attributes.length === 0) return el('span', {}, alone ? 'Nothing, as this phone has nothing that was asked' : 'Nothing')
  const cards = new Map()
  for (const attr of attributes) cards.set(attr.credential, [...(cards.get(attr.credential) ?? []), attr])
  return el('div', { className: 'option' }, [...cards].map(([card, list]) => [
    el('dl', { className: 'list' }, list.map(attr => el('div', {}, el('dt', {}, attr.name), el('dd', {}, attr.whole ? 'in possession' : attr.value ?? '')))),
    el('p', { className: 'quiet small from' }, `${card} · ${list[0].issuer}${possible ? '' : ', not to be had here'}`)
  ]))
}

/** Returns the session pointer in what an application has, or nothing. */
function pointerIn (text) {
  try {
    text = text.trim()
    if (!text.startsWith('{')) text = decodeURIComponent(new URL(text).hash.slice(1))
    const value = JSON.parse(text)
    const { u, irmaqr } = value.sessionPtr ?? value
    return u && irmaqr ? { u, irmaqr } : undefined
  } catch {
    return undefined
  }
}
