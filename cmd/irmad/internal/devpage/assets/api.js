// Requests to irmad: the public endpoints that every application has, and those
// of this page.

/** Failure is an error that irmad answered with, or "OFFLINE" without an answer. */
export class Failure extends Error {
  constructor ({ status = 0, error = 'OFFLINE', message, description }) {
    super(message || description || error)
    this.status = status
    this.code = error
  }
}

/** Makes a request and returns the JSON of the answer. */
export async function call (method, url, { body, headers = {}, signal } = {}) {
  let answer
  try {
    answer = await fetch(url, {
      method,
      headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'object' ? JSON.stringify(body) : body,
      cache: 'no-store',
      credentials: 'omit',
      signal
    })
  } catch (err) {
    if (err.name === 'AbortError') throw err
    throw new Failure({ message: 'irmad does not answer. Is it still running?' })
  }
  const text = await answer.text()
  let value
  try {
    value = text === '' ? null : JSON.parse(text)
  } catch {
    value = { message: text }
  }
  if (!answer.ok) throw new Failure({ status: answer.status, error: String(answer.status), ...value })
  return value
}

/** Calls an endpoint of this page. */
export const ask = (method, path, options) => call(method, `api/${path}`, options)

/** Waits. */
export const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
