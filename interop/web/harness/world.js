// Everything that runs during a test file: browser, website, server, wallet.

import { startBrowser } from './browser.js'
import { Irmad } from './irmad.js'
import { Site } from './site.js'
import { Visit } from './visit.js'
import { Wallet } from './wallet.js'

export const libraries = ['bundle', 'modules']
export const origins = ['same', 'cross']

/** Ways to watch a session, with the library's options for them. */
export const watching = {
  polling: { serverSentEvents: false },
  events: {}
}

/**
 * World is a website with an API. With origin same, the website is a reverse
 * proxy of the server; with cross, pages call the server themselves.
 */
export class World {
  static async start ({ origin = 'same', flags = [] } = {}) {
    const world = new World()
    try {
      world.site = await Site.start()
      world.irmad = await Irmad.start({ publicURL: origin === 'same' ? world.site.url : undefined, flags })
      if (origin === 'same') world.site.proxyTo(world.irmad.url)
      world.wallet = await Wallet.filled(world.irmad)
      world.browser = await startBrowser()
    } catch (err) {
      await world.stop()
      throw err
    }
    return world
  }

  /** The URL under which a page calls the API. */
  get api () {
    return this.irmad.publicURL
  }

  /** Opens the page of a library; it stays open until the test t ends. */
  async visit (t, library, options) {
    const visit = await Visit.open(this.browser, this.site, library, options)
    t.after(() => visit.close())
    return visit
  }

  async stop () {
    await this.browser?.close()
    await this.irmad?.stop()
    await this.site?.stop()
  }
}
