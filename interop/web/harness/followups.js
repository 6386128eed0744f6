// The part of a requestor that supplies the follow-up sessions of a chain.

import { once } from 'node:events'
import { createServer } from 'node:http'

/** FollowUps answers every result that is posted with the next request, if any. */
export class FollowUps {
  #left = []

  static async start () {
    const followups = new FollowUps()
    followups.results = [] // as posted
    followups.server = createServer(async (req, res) => {
      followups.results.push(JSON.parse(Buffer.concat(await req.toArray())))
      const next = followups.#left.shift()
      if (!next) return res.writeHead(204).end()
      res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(next))
    }).listen(0, '127.0.0.1')
    await once(followups.server, 'listening')
    followups.url = `http://127.0.0.1:${followups.server.address().port}/next`
    return followups
  }

  /** Adds requests to answer with. */
  queue (...requests) {
    this.#left.push(...requests)
  }

  stop () {
    this.server.close()
    this.server.closeAllConnections()
  }
}
