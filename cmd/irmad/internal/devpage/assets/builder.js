// What the website asks: chosen from what the schemes have.

import { byId, el } from './dom.js'
import { cardOf, makeRequest } from './request.js'

const maxRows = 80 // more than anybody reads; the search finds the others

const first = 'irmad-demo.gov.ageLimits.over18'

/** Builder is the form. It calls changed with each new request. */
export class Builder {
  #catalogue = []
  #attributes = new Set([first])
  #card = cardOf(first)
  #values = new Map() // by card
  #changed

  /** Fresh gets the catalogue again when somebody begins to search: schemes arrive while irmad runs. */
  constructor (changed, fresh) {
    this.#changed = changed
    const form = byId('builder')
    form.addEventListener('submit', event => event.preventDefault())
    for (const radio of form.elements.kind) radio.addEventListener('change', () => this.#kindChanged())
    byId('search').addEventListener('input', () => this.#list())
    byId('search').addEventListener('focus', async () => {
      const catalogue = await fresh().catch(() => this.#catalogue)
      if (catalogue.length === this.#catalogue.length) return
      this.#catalogue = catalogue
      this.#list()
    })
    byId('message').addEventListener('input', () => this.#tell())
  }

  /** Offers these credential types. */
  offer (catalogue) {
    this.#catalogue = catalogue
    const known = new Set(catalogue.flatMap(type => type.attributes.map(attr => `${type.id}.${attr.id}`)))
    this.#attributes = new Set([...this.#attributes].filter(id => known.has(id)))
    if (!catalogue.some(type => type.id === this.#card && type.issuable)) {
      this.#card = catalogue.find(type => type.issuable)?.id
    }
    this.#kindChanged()
  }

  get #kind () {
    return byId('builder').elements.kind.value
  }

  #kindChanged () {
    const issuing = this.#kind === 'issuing'
    byId('message-field').hidden = this.#kind !== 'signing'
    byId('values').hidden = !issuing
    byId('search-label').textContent = { disclosing: 'What to show', signing: 'Whose signature: what the signer shows', issuing: 'Which card' }[this.#kind]
    this.#list()
    this.#form()
    this.#tell()
  }

  /** Tells the request as it is now. */
  #tell () {
    this.#changed(makeRequest({
      kind: this.#kind,
      attributes: this.#catalogue.flatMap(type => type.attributes.map(attr => `${type.id}.${attr.id}`)).filter(id => this.#attributes.has(id)),
      message: byId('message').value,
      card: this.#card,
      values: Object.fromEntries(this.#filled())
    }))
  }

  #list () {
    const words = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (...texts) => words.every(word => texts.join(' ').toLowerCase().includes(word))
    const groups = this.#kind === 'issuing' ? this.#cards(fits) : this.#groups(fits)
    const rows = groups.reduce((sum, group) => sum + group.rows, 0)
    const fitting = groups.reduce((sum, group) => sum + (group.fitting ?? group.rows), 0)
    byId('found').replaceChildren(...groups.map(group => group.element))
    byId('found').hidden = rows === 0
    byId('found-count').textContent = this.#count(words, rows, fitting, groups.hidden)
  }

  #count (words, rows, fitting, hidden) {
    if (this.#catalogue.length === 0) return ''
    if (hidden > 0) return `Showing ${rows}; search to find the other ${hidden}.`
    if (words.length === 0) return ''
    if (fitting > 0) return `${fitting} found`
    return `Nothing has that name${rows > 0 ? '; this is what is chosen' : ''}. Other schemes are read from --schemes-path.`
  }

  /** Returns the attributes that fit, with those that are chosen, by card. */
  #groups (fits) {
    const groups = []
    groups.hidden = 0
    let left = maxRows
    const chosen = type => type.attributes.some(attr => this.#attributes.has(`${type.id}.${attr.id}`))
    for (const type of chosenFirst(this.#catalogue, chosen)) {
      const fitting = new Set(type.attributes.filter(attr => fits(attr.name, type.name, type.issuer, `${type.id}.${attr.id}`)))
      const chosenOrFitting = type.attributes.filter(attr => fitting.has(attr) || this.#attributes.has(`${type.id}.${attr.id}`))
      const shown = chosenOrFitting.slice(0, Math.max(0, left))
      left -= shown.length
      groups.hidden += chosenOrFitting.length - shown.length
      if (shown.length > 0) groups.push({ rows: shown.length, fitting: shown.filter(attr => fitting.has(attr)).length, element: this.#group(type, shown) })
    }
    return groups
  }

  #group (type, attributes) {
    const rows = attributes.map(attr => {
      const id = `${type.id}.${attr.id}`
      const box = el('input', { type: 'checkbox', checked: this.#attributes.has(id), value: id, onchange: () => this.#toggle(id, box.checked) })
      return el('label', { className: 'row', title: [attr.description, id].filter(Boolean).join('\n') }, box, el('span', {}, attr.name))
    })
    return el('fieldset', {}, el('legend', {}, type.name, el('span', { className: 'quiet small' }, ` ${type.issuer}`)), el('div', { className: 'columns' }, rows))
  }

  #toggle (id, chosen) {
    if (chosen) this.#attributes.add(id)
    else this.#attributes.delete(id)
    this.#tell()
  }

  /** Returns the cards that fit, as a choice of one. */
  #cards (fits) {
    const all = chosenFirst(this.#catalogue, type => type.id === this.#card)
      .filter(type => type.id === this.#card || fits(type.name, type.issuer, type.id))
    const groups = all.slice(0, maxRows).map(type => {
      const radio = el('input', {
        type: 'radio', name: 'card', value: type.id, checked: type.id === this.#card, disabled: !type.issuable, onchange: () => this.#pick(type.id)
      })
      const note = type.issuable ? type.issuer : `${type.issuer}; its private key is not installed here`
      return { rows: 1, element: el('label', { className: 'row', title: type.id }, radio, el('span', {}, type.name, el('span', { className: 'quiet small description' }, note))) }
    })
    groups.hidden = Math.max(0, all.length - maxRows)
    return groups
  }

  #pick (card) {
    this.#card = card
    this.#form()
    this.#tell()
  }

  /** Shows a field for every value on the card. */
  #form () {
    const type = this.#catalogue.find(type => type.id === this.#card)
    if (!type) return byId('values').replaceChildren()
    const values = this.#valuesOf(type)
    byId('values').replaceChildren(...type.attributes.map(attr => {
      if (attr.blind) return el('p', { className: 'quiet small' }, `${attr.name} is chosen by the phone and the issuer together.`)
      const id = `value-${attr.id}`
      const input = el('input', {
        id, value: values.get(attr.id), spellcheck: false, autocomplete: 'off', oninput: () => { values.set(attr.id, input.value); this.#tell() }
      })
      return el('div', { className: 'value' }, el('label', { htmlFor: id }, attr.name, attr.optional ? el('span', { className: 'quiet small' }, ' optional') : null), input)
    }))
  }

  #valuesOf (type) {
    if (!this.#values.has(type.id)) {
      this.#values.set(type.id, new Map(type.attributes.filter(attr => !attr.blind).map(attr => [attr.id, attr.optional ? '' : attr.sample])))
    }
    return this.#values.get(type.id)
  }

  /** Returns the values to give; optional ones without text are left out. */
  #filled () {
    const type = this.#catalogue.find(type => type.id === this.#card)
    if (!type) return []
    const optional = new Set(type.attributes.filter(attr => attr.optional).map(attr => attr.id))
    return [...this.#valuesOf(type)].filter(([id, value]) => value !== '' || !optional.has(id))
  }
}

/** Puts what is chosen where it is seen. */
const chosenFirst = (types, chosen) => [...types].sort((a, b) => Number(chosen(b)) - Number(chosen(a)))
