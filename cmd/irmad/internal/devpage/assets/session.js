// A session of the website: starts it, shows its QR, follows it by events, and
// shows the result. It uses the endpoints that every application has.

import { bestAddress, realPhone } from './addresses.js'
import { call, pause } from './api.js'
import { announce, button, byId, copy, el, show } from './dom.js'
import { format } from './request.js'
import { meaning, valueList } from './words.js'

const finished = ['DONE', 'CANCELLED', 'TIMEOUT']

const steps = {
  INITIALIZED: 'Waiting for a phone',
  PAIRING: 'Pairing: type the code that the phone shows',
  CONNECTED: 'The phone has it; its user decides',
  DONE: 'Answered',
  CHAINED: 'Answered; a follow-up session begins',
  CANCELLED: 'Cancelled',
  TIMEOUT: 'Time is up'
}

/** A way to the phone where it is not beside the session. */
const toPhone = () => el('a', { href: '#phone-title', className: 'jump' }, 'To the simulated phone')

/** Session shows one session at a time. It calls changed with each status. */
export class Session {
  constructor (info, changed) {
    this.info = info
    this.changed = changed
    this.address = bestAddress(info)
    this.names = new Map() // of attributes by identifier
    this.body = byId('session-body')
    this.#rest()
  }

  #rest () {
    show(this.body, el('div', { className: 'empty' },
      el('div', { className: 'ghost', attributes: { 'aria-hidden': 'true' } }),
      el('p', { className: 'quiet' }, 'Start a session, and its QR appears here.')))
  }

  get running () {
    return this.status !== undefined && !finished.includes(this.status)
  }

  /** Starts a session with the text of a request. */
  async start (text, explanation, pair) {
    await this.#abandon()
    this.explanation = explanation
    this.pkg = await call('POST', `${this.info.api}session`, { body: text })
    this.steps = []
    this.code = undefined
    this.results = [] // one per session of a chain
    this.status = undefined
    const pkg = this.pkg
    if (pair || pkg.frontendRequest.pairingHint) await this.#pair()
    this.#enter('INITIALIZED')
    byId('session-title').focus()
    this.#follow(pkg)
  }

  /** Ends the session before this one, so that no phone is left with it. */
  async #abandon () {
    if (!this.running) return
    const { token } = this.pkg
    this.pkg = undefined
    this.status = 'CANCELLED'
    this.changed(this.status)
    await call('DELETE', `${this.info.api}session/${token}`).catch(() => {}) // it may have ended by itself
  }

  /** The URL of the session as the public endpoints on this origin have it. */
  get #frontend () {
    return `${this.info.api}irma/session/${new URL(this.pkg.sessionPtr.u).pathname.split('/').pop()}/frontend`
  }

  get #authorization () {
    return { Authorization: this.pkg.frontendRequest.authorization }
  }

  async #pair () {
    const options = await call('POST', `${this.#frontend}/options`, {
      headers: this.#authorization,
      body: { '@context': 'https://irma.app/ld/request/frontendoptions/v1', pairingMethod: 'pin' }
    })
    this.code = options.pairingCode
  }

  /**
   * Follows a session by events, or by polling if there are none, to its end, and
   * then those that are chained to it.
   */
  async #follow (pkg) {
    for (let { token } = pkg; token;) {
      const status = await this.#events(pkg, token) ?? await this.#poll(pkg, token)
      if (pkg !== this.pkg || status === undefined) return
      const result = await call('GET', `${this.info.api}session/${token}/result`)
        .catch(err => ({ status, type: pkg.sessionPtr.irmaqr, error: { error: err.code, message: err.message } }))
      if (pkg !== this.pkg) return
      this.results.push(result)
      token = result.nextSession
      this.#enter(token ? 'CHAINED' : status)
    }
  }

  /** Returns the last status, or undefined if the stream ended before it. */
  #events (pkg, token) {
    return new Promise(resolve => {
      const source = new EventSource(`${this.info.api}session/${token}/statusevents`)
      const end = status => { source.close(); resolve(status) }
      source.onerror = () => end(undefined)
      source.onmessage = event => {
        const status = JSON.parse(event.data)
        if (finished.includes(status)) end(status)
        else if (pkg === this.pkg) this.#enter(status)
      }
    })
  }

  async #poll (pkg, token) {
    for (let failures = 0; pkg === this.pkg; await pause(1000)) {
      try {
        const status = await call('GET', `${this.info.api}session/${token}/status`)
        failures = 0
        if (finished.includes(status)) return status
        if (status !== 'INITIALIZED') this.#enter(status)
      } catch (err) {
        if (err.status || ++failures === 5) {
          this.#lost(err)
          return
        }
      }
    }
  }

  #lost (err) {
    this.status = 'CANCELLED'
    announce('The session is lost.')
    show(this.body, el('div', { className: 'outcome bad' }, el('h3', {}, 'The session is lost'),
      el('p', {}, err.code === 'SESSION_UNKNOWN' ? 'irmad does not know it any more. It was started again, or too much time has passed.' : err.message)))
    this.changed(this.status)
  }

  #enter (status) {
    if (status === this.status) return
    this.status = status
    this.steps.push({ status, time: new Date() })
    announce(steps[status] ?? status)
    this.#draw()
    this.changed(status, this.running ? this.pkg.sessionPtr : undefined)
  }

  #draw () {
    const done = finished.includes(this.status)
    show(this.body,
      done ? this.#outcome() : this.#scene(),
      this.#timeline(),
      done ? this.#raw() : el('div', { className: 'actions' }, button('Cancel the session', event => this.#cancel(event.target), 'plain danger')),
      this.status === 'INITIALIZED' ? realPhone(this.info, this.explanation, this.address, url => this.#move(url)) : null)
  }

  /** Shows the QR, and later what takes its place. */
  #scene () {
    if (this.status === 'INITIALIZED') return this.#qr()
    if (this.status === 'PAIRING') return this.#pairing()
    return el('div', { className: 'scene' }, el('div', { className: 'waiting', attributes: { 'aria-hidden': 'true' } }),
      el('h3', {}, 'Look at the phone'), el('p', { className: 'quiet' }, 'Its user sees what is asked, and decides.'), toPhone())
  }

  /**
   * Returns what is in the QR: a link that the camera of a phone opens too, with
   * the pointer. A phone may need another address in it.
   */
  get #link () {
    const { u, irmaqr } = this.pkg.sessionPtr
    const reachable = u.startsWith(this.info.url) ? this.address + u.slice(this.info.url.length) : u
    return `https://open.yivi.app/-/session#${encodeURIComponent(JSON.stringify({ u: reachable, irmaqr, continueOnSecondDevice: true }))}`
  }

  #qr () {
    const text = this.#link
    return el('div', { className: 'scene' },
      el('img', { className: 'qr', alt: 'QR with the session pointer, for a phone', src: `api/qr?text=${encodeURIComponent(text)}` }),
      el('p', { className: 'center' }, 'Scan it with the phone.'),
      toPhone(),
      el('div', { className: 'actions center' }, button('Copy what is in the QR', event => copy(text, event.target), 'plain')))
  }

  #move (url) {
    this.address = url
    const open = this.body.querySelector('.real')?.open
    this.#draw()
    const real = this.body.querySelector('.real')
    real.open = open
    real.querySelector('input:checked')?.focus()
  }

  #pairing () {
    const input = el('input', {
      id: 'code', inputMode: 'numeric', autocomplete: 'off', maxLength: 4, className: 'code-input',
      attributes: { 'data-focus': '', 'aria-describedby': 'code-problem', pattern: '[0-9]{4}', required: '' }
    })
    const complaint = el('p', { id: 'code-problem', className: 'complaint', attributes: { role: 'alert' } })
    const check = async event => {
      event.preventDefault()
      if (input.value.trim() !== this.code) {
        complaint.textContent = `The phone shows another code than ${input.value || 'nothing'}. Look again.`
        input.setAttribute('aria-invalid', 'true')
        return input.select()
      }
      await call('POST', `${this.#frontend}/pairingcompleted`, { headers: this.#authorization }).catch(err => { complaint.textContent = err.message })
    }
    return el('form', { className: 'scene', noValidate: true, onsubmit: check },
      el('h3', {}, 'Is it your phone?'),
      el('p', {}, el('label', { htmlFor: 'code' }, 'Type the code that the phone shows.')),
      input, complaint, el('button', { className: 'main', type: 'submit' }, 'Go on'))
  }

  async #cancel (from) {
    from.disabled = true
    await call('DELETE', `${this.info.api}session/${this.pkg.token}`).catch(err => {
      from.disabled = false
      announce(err.message)
    })
  }

  #timeline () {
    return el('ol', { className: 'timeline', attributes: { 'aria-label': 'Statuses so far' } }, this.steps.map(({ status, time }, i) =>
      el('li', { className: i === this.steps.length - 1 && !finished.includes(status) ? 'now' : '' },
        el('span', {}, steps[status]), el('code', { className: 'quiet small' }, status === 'CHAINED' ? 'DONE' : status),
        el('time', { className: 'quiet small', dateTime: time.toISOString() }, time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })))))
  }

  #outcome () {
    const result = this.results.at(-1)
    const attributes = this.results.flatMap(each => each.disclosed ?? []).flat().map(attr => ({ ...this.#described(attr.id), value: attr.rawvalue, status: attr.status }))
    const demo = attributes.some(attr => attr.demo) || (this.explanation?.credentials ?? []).some(card => card.demo)
    const { good, title, text } = meaning(result, demo)
    announce(`${title}. ${text}`)
    const byCard = new Map()
    for (const attr of attributes) byCard.set(attr.credential, [...(byCard.get(attr.credential) ?? []), attr])
    return el('div', { className: `outcome ${good ? 'good' : 'bad'}` },
      el('h3', {}, el('span', { className: 'mark', attributes: { 'aria-hidden': 'true' } }, good ? '✓' : '✕'), ` ${title}`),
      result.signature ? el('blockquote', {}, result.signature.message) : null,
      good ? [...byCard].map(([card, list]) => [valueList(list), el('p', { className: 'quiet small from' }, `${card} · ${list[0].issuer}`)]) : null,
      el('p', {}, text))
  }

  /** Returns the names of an attribute, as the explanation of the request has them. */
  #described (id) {
    const all = (this.explanation?.questions ?? []).flatMap(q => q.choices).flatMap(c => c.attributes)
    const found = all.find(attr => attr.id === id)
    return found ? { ...found } : { id, name: id.split('.').pop(), credential: id.split('.').slice(0, 3).join('.'), issuer: '', known: true }
  }

  #raw () {
    const [only, ...others] = this.results
    const text = format(others.length > 0 ? this.results : only)
    return el('details', {}, el('summary', {}, 'The result as your application gets it'),
      el('p', { className: 'quiet small' }, 'From ', el('code', {}, `GET ${this.info.api}session/TOKEN/result`), ', or posted to a callbackUrl. Look at proofStatus: only VALID makes the rest true.'),
      el('pre', { className: 'code', tabIndex: 0 }, text), button('Copy the result', event => copy(text, event.target), 'plain copy'))
  }
}
