// Requests, problems and results in words.

import { button, el } from './dom.js'

/** Returns what an explanation says, as a list of elements. */
export function inWords (explanation) {
  if (!explanation.summary) return [el('p', { className: 'quiet' }, 'This cannot be read as a session request. See what is wrong below.')]
  return [
    el('p', {}, explanation.summary),
    explanation.message ? el('blockquote', {}, explanation.message) : null,
    explanation.questions?.length ? el('ol', { className: 'questions' }, explanation.questions.map(question)) : null,
    (explanation.credentials ?? []).map(card => el('div', {}, el('p', {}, el('b', {}, card.name), ` from ${card.issuer}`), valueList(card.attributes))),
    explanation.settings?.length ? el('ul', { className: 'quiet small' }, explanation.settings.map(text => el('li', {}, text))) : null
  ].flat().filter(Boolean)
}

function question ({ label, optional, choices }) {
  const text = [label ? `“${label}” ` : '', optional ? 'If they like: ' : '']
  return el('li', {}, text, choices.map((choice, i) => [i > 0 ? el('span', { className: 'or' }, ' or ') : null, el('span', {}, sentence(choice.attributes))]))
}

/** Returns attributes as a phrase. */
export function sentence (attributes) {
  return attributes.flatMap((attr, i) => [
    i === 0 ? '' : i === attributes.length - 1 ? ' and ' : ', ',
    el('b', {}, attr.name),
    attr.value !== undefined && attr.value !== null ? ` being “${attr.value}”` : '',
    i === attributes.length - 1 || attributes[i + 1].credential !== attr.credential
      ? el('span', { className: 'quiet' }, attr.known ? (attr.whole ? ` of ${attr.issuer}` : ` from ${attr.credential} of ${attr.issuer}`) : ' (no installed scheme has this)')
      : ''
  ])
}

/** Returns names with values. */
export function valueList (attributes) {
  return el('dl', { className: 'list' }, attributes.map(attr => el('div', {}, el('dt', {}, attr.name), el('dd', {}, shown(attr)))))
}

function shown (attr) {
  if (attr.whole) return 'in possession'
  return attr.value === undefined || attr.value === null ? el('span', { className: 'quiet' }, 'no value') : attr.value
}

/** Returns why a server refuses a request, and a button that leads to the place. */
export function problem ({ error, line, column, hint }, goTo) {
  const place = line ? button(`line ${line}, column ${column}`, () => goTo(line, column), 'plain inline') : null
  return el('div', { className: 'bad' },
    el('p', {}, el('b', {}, `irmad would refuse this: ${error.error}`), place ? [', ', place] : null),
    el('p', {}, error.message || error.description),
    hint ? el('p', {}, hint) : null)
}

/** What the ends of a session mean to the website. */
const ends = {
  CANCELLED: ['Cancelled', 'The user refused, or the phone gave up. You have learnt nothing about them; offer to try again.'],
  TIMEOUT: ['Time is up', 'No phone finished the session in time. Start a new one; the QR of this one is worthless now.'],
  INVALID: ['Not valid', 'The proof is wrong. Treat it as if nothing was shown.'],
  EXPIRED: ['Expired', 'Something that was shown had expired. Treat it as if nothing was shown.'],
  MISSING_ATTRIBUTES: ['Incomplete', 'The phone did not show everything that was asked.'],
  UNMATCHED_REQUEST: ['Other request', 'The signature is over something else than was asked.'],
  INVALID_TIMESTAMP: ['Wrong time', 'The time of the signature cannot be trusted.']
}

/** Returns the title and the meaning of a result. */
export function meaning (result, demo) {
  const note = demo ? ' These are demo cards, though: anybody can make them, so they prove nothing yet.' : ''
  if (result.status !== 'DONE') return { good: false, title: ends[result.status]?.[0] ?? result.status, text: result.error ? `${result.error.error}: ${result.error.message || result.error.description}` : ends[result.status]?.[1] }
  if (result.proofStatus !== 'VALID') return { good: false, title: ends[result.proofStatus]?.[0] ?? result.proofStatus, text: ends[result.proofStatus]?.[1] }
  return {
    disclosing: { good: true, title: 'Proven', text: `The issuer vouches for this, the card has not expired, and it is held by whoever holds that phone. You see nothing else that is on it.${note}` },
    signing: { good: true, title: 'Signed', text: `The message is signed by somebody with these attributes. Keep the signature: anybody can verify it, also years later.${note}` },
    issuing: { good: true, title: 'The card is on the phone', text: `It can be shown from now on, to anybody who asks for it.${note}` }
  }[result.type]
}
