// The website of a requestor: the pages in ../pages, and the libraries that
// they load.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, request as forward } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import esbuild from 'esbuild'

const pages = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../pages')
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' }

/** Makes one script and one style sheet of modules.js, as websites do. */
async function bundle () {
  const built = await esbuild.build({
    entryPoints: [path.join(pages, 'modules.js')],
    outdir: '/',
    bundle: true,
    write: false,
    logLevel: 'silent',
    loader: { '.svg': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl' }
  })
  return built.outputFiles.map(file => [file.path, file.contents])
}

let assets
/** Returns all files of the site by path. They are made once. */
function files () {
  assets ??= Promise.all([
    ...['bundle.html', 'modules.html', 'begin.js'].map(async name =>
      [`/${name}`, await readFile(path.join(pages, name))]),
    readFile(createRequire(import.meta.url).resolve('@privacybydesign/yivi-frontend'))
      .then(content => ['/yivi.js', content])
  ]).then(async list => new Map([...list, ...await bundle()]))
  return assets
}

/** Site is a running web server. */
export class Site {
  #backend

  static async start () {
    const site = new Site()
    const content = await files()
    site.server = createServer((req, res) => {
      if (site.#backend && /^\/(irma|session)\b/.test(req.url)) return site.#proxy(req, res)
      const file = content.get(new URL(req.url, site.url).pathname)
      if (!file) return res.writeHead(404).end()
      res.writeHead(200, { 'Content-Type': types[path.extname(req.url)] }).end(file)
    }).listen(0, '127.0.0.1')
    await once(site.server, 'listening')
    site.url = `http://127.0.0.1:${site.server.address().port}`
    return site
  }

  /** Makes the site a reverse proxy of the API at this URL. */
  proxyTo (url) {
    this.#backend = url
  }

  #proxy (req, res) {
    const out = forward(new URL(req.url, this.#backend), {
      method: req.method, headers: req.headers // with the Host that the browser sent
    }, answer => {
      res.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders)
      res.flushHeaders()
      answer.pipe(res)
    })
    out.on('error', () => res.destroy())
    res.on('close', () => out.destroy())
    req.pipe(out)
  }

  async stop () {
    this.server.close()
    this.server.closeAllConnections()
    await once(this.server, 'close')
  }
}
