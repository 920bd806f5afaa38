/** The server's own engine (tests/sync/driven.py) behind a pipe: what the phone meets is what it will meet. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { b64u, utf8, type Bytes } from '../bytes'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const VENV = `${ROOT}.venv/bin/python`

export interface ServerState {
  /** Hash, status and id of every mutation. */
  ends: [hash: string, status: string, id: string | null][]
  effects: Record<string, number>
  /** Scope of each sheet. */
  sheets: Record<string, string>
  grants: [user: string, scope: string][]
}

export class PythonServer {
  private readonly process: ChildProcessWithoutNullStreams
  private readonly waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = []
  private complaint = ''

  constructor() {
    this.process = spawn(existsSync(VENV) ? VENV : 'python3', ['-m', 'tests.sync.driven'], { cwd: ROOT })
    this.process.stderr.on('data', (data) => (this.complaint += data))
    createInterface(this.process.stdout).on('line', (line) => this.waiting.shift()!.resolve(JSON.parse(line)))
    this.process.on('exit', () => this.waiting.splice(0).forEach(({ reject }) => reject(new Error(`the server's engine ended:\n${this.complaint}`))))
  }

  call<T = void>(name: string, ...given: unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ resolve: resolve as (value: unknown) => void, reject })
      this.process.stdin.write(JSON.stringify([name, ...given]) + '\n')
    })
  }

  /** A request as it comes over HTTP; status 0: the server died of it. */
  send(path: string, body: Bytes | string, gzipped: boolean, user: string | null, dies = false): Promise<{ status: number; body: Record<string, unknown> | null }> {
    const bytes = typeof body === 'string' ? utf8(body) : body
    const base64 = b64u(bytes).replaceAll('-', '+').replaceAll('_', '/')
    return this.call('send', path, base64.padEnd(Math.ceil(base64.length / 4) * 4, '='), gzipped, user, dies ? 'dies' : 'lives')
  }

  state = (): Promise<ServerState> => this.call('state')

  end(): void {
    this.process.stdin.end()
  }
}
