// Session requests as text: JSON that is pleasant to read, and curl commands.

const contexts = {
  disclosing: 'https://irma.app/ld/request/disclosure/v2',
  signing: 'https://irma.app/ld/request/signature/v2',
  issuing: 'https://irma.app/ld/request/issuance/v2'
}

/**
 * Returns the session request for what was chosen: attributes to show, a message
 * to sign, or a card to give. What is on one card is asked for together.
 */
export function makeRequest ({ kind, attributes, message, card, values }) {
  const request = { '@context': contexts[kind] }
  if (kind === 'issuing') {
    request.credentials = card ? [{ credential: card, attributes: values }] : []
    return request
  }
  const byCard = Map.groupBy
    ? Map.groupBy(attributes, cardOf)
    : attributes.reduce((map, id) => map.set(cardOf(id), [...(map.get(cardOf(id)) ?? []), id]), new Map())
  request.disclose = [...byCard.values()].map(ids => [ids])
  if (kind === 'signing') request.message = message
  return request
}

/** Returns the card that an attribute is on. */
export const cardOf = id => id.split('.').slice(0, 3).join('.')

/** Formats JSON with what is short on one line. */
export function format (value, indent = '') {
  const short = inline(value)
  if (indent.length + short.length <= 60 || value === null || typeof value !== 'object') return short
  const next = indent + '  '
  const lines = Array.isArray(value)
    ? value.map(element => next + format(element, next))
    : Object.entries(value).map(([key, member]) => `${next}${JSON.stringify(key)}: ${format(member, next)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

function inline (value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inline(member)}`).join(', ')}}`
}

/** Returns a command that starts the session. */
export function curl (text, url) {
  let body = text
  try {
    body = JSON.stringify(JSON.parse(text))
  } catch {} // as it is, to see the server's answer
  return `curl -H 'Content-Type: application/json' \\\n  -d ${quote(body)} \\\n  ${url}`
}

const quote = text => `'${text.replaceAll("'", "'\\''")}'`
