// The server under test: irmad as a process of its own, with its demo scheme.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
const startTimeout = 20_000

/** Returns the path of irmad: that in $IRMAD, or a fresh build in dir, by default a new one. */
export async function binary (dir) {
  if (process.env.IRMAD) return path.resolve(process.env.IRMAD)
  dir ??= await mkdtemp(path.join(tmpdir(), 'irmad-build-'))
  const file = path.join(dir, 'irmad')
  await promisify(execFile)('go', ['build', '-o', file, './cmd/irmad'], { cwd: repository })
  return file
}

/** Returns a port at which nothing listens. */
export async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Irmad is a running server. Wallets and frontends reach it at publicURL, which
 * is url unless the server is behind a proxy.
 */
export class Irmad {
  /**
   * Starts a server and returns when it answers requests. Flags are those of
   * irmad besides its addresses. The command is serve, or dev: that listens at all
   * addresses, and chooses its URL by itself.
   */
  static async start ({ publicURL, flags = [], command = 'serve', port } = {}) {
    const irmad = new Irmad()
    irmad.command = command
    irmad.port = port ?? await freePort()
    irmad.companions = new Set() // processes that end with the server at the latest
    irmad.dir = await mkdtemp(path.join(tmpdir(), 'irmad-web-'))
    try {
      await irmad.#launch(publicURL, flags)
    } catch (err) {
      await irmad.stop()
      throw err
    }
    return irmad
  }

  async #launch (publicURL, flags) {
    const dev = this.command === 'dev'
    this.url = `http://127.0.0.1:${this.port}`
    this.publicURL = publicURL ?? (dev ? `http://localhost:${this.port}` : this.url)
    this.binary = await binary(this.dir)
    this.output = ''
    this.process = spawn(this.binary, [
      this.command, '--port', String(this.port), '--schemes-update', '0',
      ...(dev ? [] : ['--listen-addr', '127.0.0.1', '--url', this.publicURL]), ...flags
    ], { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] })
    this.exited = once(this.process, 'exit')
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', text => { this.output += text })
    }
    await this.#healthy()
  }

  async #healthy () {
    const deadline = Date.now() + startTimeout
    while (this.process.exitCode === null && Date.now() < deadline) {
      const answer = await fetch(`${this.url}/health`).catch(() => null)
      if (answer?.ok) return
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    throw new Error(`irmad does not serve; it wrote:\n${this.output}`)
  }

  /** Ends the server and its wallets, and removes their files. */
  async stop () {
    for (const companion of this.companions) companion.kill('SIGKILL')
    if (this.process && this.process.exitCode === null) {
      this.process.kill('SIGTERM')
      await this.exited
    }
    await rm(this.dir, { recursive: true, force: true })
  }

  /** Starts a session as a requestor does and returns the session package. */
  async startSession (request) {
    return await this.#ask('session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(request)
    })
  }

  /** Returns the result of a session, for its requestor token. */
  async result (token) {
    return await this.#ask(`session/${token}/result`)
  }

  async #ask (path, options) {
    const answer = await fetch(`${this.url}/${path}`, options)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return await answer.json()
  }
}
