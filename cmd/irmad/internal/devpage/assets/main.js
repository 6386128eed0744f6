// The page of irmad dev: puts the parts together.

import { ask } from './api.js'
import { Builder } from './builder.js'
import { announce, byId, copy, el } from './dom.js'
import { Phone } from './phone.js'
import { curl, format } from './request.js'
import { Session } from './session.js'
import { tabs } from './tabs.js'
import { inWords, problem } from './words.js'

const explainAfter = 200 // milliseconds without typing

const json = byId('json')
const start = byId('start')
let info, session, phone, explanation, timer
let asked = 0

/** Shows what is wrong with the connection, or nothing. */
function trouble (text = '') {
  const place = byId('trouble')
  if (place.textContent === text) return
  place.textContent = text
  place.hidden = text === ''
}

/** Explains the request, and shows the command for it. */
async function explain () {
  clearTimeout(timer)
  const text = json.value
  const number = ++asked
  byId('curl').textContent = curl(text, new URL(`${info.api}session`, location).href)
  const answer = await ask('POST', 'explain', { body: text }).catch(err => err)
  if (number !== asked) return // there is a newer text
  if (answer instanceof Error) return trouble(answer.message)
  explanation = answer
  byId('panel-words').replaceChildren(...inWords(explanation))
  byId('verdict').replaceChildren(...verdict(explanation))
  ready()
}

/** Lets the session start if the request is valid. */
function ready () {
  start.disabled = !explanation?.valid
  start.textContent = explanation?.valid === false ? 'Mend the request first, see below' : session.running ? 'Start another session' : 'Start the session'
}

function verdict ({ problem: wrong, warnings = [] }) {
  if (wrong) return [problem(wrong, goTo)]
  return warnings.map(text => el('p', { className: 'warning' }, text))
}

/** Puts the cursor at a place in the JSON. */
function goTo (line, column) {
  choose('json')
  const before = json.value.split('\n').slice(0, line - 1)
  const at = before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1
  json.focus()
  json.setSelectionRange(at, at + 1)
}

/** Starts the session, and lets the phone scan it. */
async function begin () {
  start.disabled = true
  try {
    await session.start(json.value, explanation, byId('pairing').checked)
    trouble()
  } catch (err) {
    byId('verdict').replaceChildren(problem({ error: { error: err.code, message: err.message } }))
    announce(err.message)
  }
  ready()
}

function statusChanged (status, pointer) {
  ready()
  if (status === 'INITIALIZED') phone.offer(pointer)
  else if (['CANCELLED', 'TIMEOUT'].includes(status)) phone.over()
  else phone.offer(undefined)
}

const choose = tabs(document.querySelector('[role=tablist]'))

json.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(explain, explainAfter)
})
start.addEventListener('click', begin)
for (const from of document.querySelectorAll('[data-copy]')) {
  from.addEventListener('click', () => copy(byId(from.dataset.copy).value ?? byId(from.dataset.copy).textContent, from))
}

try {
  info = await ask('GET', 'info')
  phone = new Phone(trouble)
  session = new Session(info, statusChanged)
  const catalogue = () => ask('GET', 'catalogue')
  const builder = new Builder(request => {
    json.value = format(request)
    explain()
  }, catalogue)
  builder.offer(await catalogue())
} catch (err) {
  trouble(`${err.message} Reload this page when it does.`)
}
