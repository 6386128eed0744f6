// Helpers to build the page. Text is always set as text, never as HTML.

/** Returns the element with an id. */
export const byId = id => document.getElementById(id)

/**
 * Makes an element. Members of props are properties; those that begin with "on"
 * are listeners, and those in attributes are attributes.
 */
export function el (tag, props = {}, ...children) {
  const element = document.createElement(tag)
  const { attributes = {}, ...rest } = props
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element[name] = value
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value)
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false))
  return element
}

/** Makes a button that is no submit button. */
export const button = (text, onclick, className = '') => el('button', { type: 'button', className, onclick }, text)

/** Says something to users of screen readers. */
export function announce (text) {
  const place = byId('announce')
  place.textContent = ''
  setTimeout(() => { place.textContent = text }, 50) // or repeated texts are not read
}

/**
 * Replaces what is in a container. If the focus was inside, it moves to the
 * heading of what is new, so that it is not lost.
 */
export function show (container, ...children) {
  const focused = container.contains(document.activeElement)
  container.replaceChildren(...children.flat(Infinity).filter(Boolean))
  if (!focused) return
  const target = container.querySelector('[data-focus]:enabled') ?? container.querySelector('h3')
  if (target && !target.matches('button, input')) target.tabIndex = -1
  target?.focus()
}

/** Copies a text and says so in the button. */
export async function copy (text, from) {
  const before = from.textContent
  try {
    await navigator.clipboard.writeText(text)
    from.textContent = 'Copied'
  } catch {
    from.textContent = 'Not allowed here: select and copy by hand'
  }
  announce(from.textContent)
  setTimeout(() => { from.textContent = before }, 1500)
}
