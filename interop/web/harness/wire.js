// What a page sends and receives, as the browser's network stack saw it: also
// the preflight requests and headers that scripts neither see nor set.

/** Wire records the requests of a page from now on. */
export class Wire {
  #byID = new Map()

  static async tap (page) {
    const wire = new Wire()
    wire.cdp = await page.context().newCDPSession(page)
    wire.#listen(wire.cdp)
    await wire.cdp.send('Network.enable')
    return wire
  }

  /** Returns the body of the answer of an exchange, which is JSON. */
  async body (exchange) {
    return JSON.parse((await this.cdp.send('Network.getResponseBody', { requestId: exchange.id })).body)
  }

  /**
   * Returns the exchanges of this method whose path ends like this, oldest
   * first. An exchange has method, url, type, headers, status, answer (the
   * response's headers), events (data of an event stream), and the times in
   * seconds: started, answered, ended.
   */
  requests (method, ending) {
    return [...this.#byID.values()].filter(x =>
      x.method === method && new URL(x.url).pathname.endsWith(ending))
  }

  /** The requests for the status of a session. */
  get polls () {
    return this.requests('GET', '/frontend/status')
  }

  /** The requests for streams of the status of a session. */
  get streams () {
    return this.requests('GET', '/frontend/statusevents')
  }

  /** Returns the exchange of an id; its events come in any order. */
  #exchange (id) {
    if (!this.#byID.has(id)) this.#byID.set(id, { id, method: '', url: 'about:blank', headers: {}, answer: {}, events: [] })
    return this.#byID.get(id)
  }

  #listen (cdp) {
    const on = (name, update) => cdp.on(`Network.${name}`, event => update(this.#exchange(event.requestId), event))
    on('requestWillBeSent', (x, { request, type, timestamp }) => {
      x.method = request.method
      x.url = request.url
      x.type = type
      x.body = request.postData
      x.started = timestamp
    })
    on('requestWillBeSentExtraInfo', (x, { headers }) => { x.headers = lower(headers) })
    on('responseReceived', (x, { response, timestamp }) => {
      x.status = response.status
      x.answered = timestamp
    })
    on('responseReceivedExtraInfo', (x, { headers }) => { x.answer = lower(headers) })
    on('eventSourceMessageReceived', (x, { data }) => { x.events.push(data) })
    on('loadingFinished', (x, { timestamp }) => { x.ended = timestamp })
    on('loadingFailed', (x, { timestamp, errorText, corsErrorStatus }) => {
      x.ended = timestamp
      x.failure = corsErrorStatus?.corsError ?? errorText
    })
  }
}

function lower (headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
