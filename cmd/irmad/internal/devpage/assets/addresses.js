// A real phone instead of the simulated one: at which address it arrives, and what
// its app will refuse.

import { el } from './dom.js'

/**
 * Returns the part of the page about real phones. changed is called with the URL
 * of the server that the QR is to have.
 */
export function realPhone (info, explanation, chosen, changed) {
  return el('details', { className: 'real' },
    el('summary', {}, 'Use a real phone'),
    addresses(info, chosen, changed),
    el('p', {}, 'What the app will say:'),
    el('ul', {}, refusals(info, explanation, chosen).map(text => el('li', {}, text))))
}

/** Returns the address for a phone that is tried first. */
export const bestAddress = info => info.addresses[0]?.url ?? info.url

function addresses (info, chosen, changed) {
  if (info.fixed) return el('p', {}, 'The QR leads to ', el('code', {}, info.url), ', as --url says.')
  if (info.addresses.length === 0) {
    return el('p', {}, 'Only this machine can reach irmad now. Start it with an address of your network, or without --listen-addr for all; or lead a phone here with --url and a tunnel.')
  }
  const { port } = new URL(info.url)
  const all = [...info.addresses, { url: info.url, name: `for an Android phone on a cable, after “adb reverse tcp:${port} tcp:${port}”` }]
  return el('fieldset', { className: 'addresses' },
    el('legend', {}, 'The phone must be on the same network and reach this machine. The QR leads to:'),
    all.map(({ url, name }) => el('label', { className: 'row' },
      el('input', { type: 'radio', name: 'address', checked: url === chosen, onchange: () => changed(url) }),
      el('span', {}, el('code', {}, new URL(url).host), el('span', { className: 'quiet small' }, ` ${name}`)))))
}

function refusals (info, explanation, chosen) {
  const out = []
  if (new URL(chosen).protocol === 'http:') {
    out.push('The address is plain http, and this is a development server: the app refuses both unless its developer mode is on.')
  } else {
    out.push('This is a development server: the app refuses it unless its developer mode is on.')
  }
  const attributes = (explanation?.questions ?? []).flatMap(q => q.choices).flatMap(c => c.attributes)
  const ids = [...attributes, ...(explanation?.credentials ?? [])].map(thing => thing.id)
  if (ids.some(id => id.startsWith(`${info.embedded}.`))) {
    out.push(`The app does not know the scheme ${info.embedded}, which only irmad has. Ask for something of irma-demo, which every app knows: put that scheme into the directory of --schemes-path.`)
  }
  out.push('In a page of your own, the usual libraries for browsers refuse http for other hosts than localhost. There, give irmad an https --url.')
  return out
}
