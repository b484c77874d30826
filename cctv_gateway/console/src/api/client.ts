/**
 * Every request that the console makes, typed by the gateway's OpenAPI document.
 * It holds the CSRF token and reports a lost login; caching belongs to TanStack Query.
 */
import { send } from './http';
import type { Answer, Parts, Path, VerbOf } from './operations';
import { ok, type Result } from './result';
import type {
  AccountList,
  AuditPage,
  AuditVerdict,
  CameraItem,
  CameraPage,
  ConfigStatus,
  Discovery,
  LoginRequest,
  Me,
  OpenedView,
  OpenViewRequest,
  Purpose,
  Quality,
  RegisterRequest,
  RoleChoice,
  ViewList,
} from './types';

type CameraQuery = { purpose: Purpose | null; limit: number; cursor: number };

/** As many as the gateway gives at once. */
const PAGE_SIZE = 200;

export type AuditFilter = { account?: string; camera?: string; cursor?: number | null };

export class GatewayClient {
  #fetch: typeof fetch;
  #csrf: string | undefined;
  #endsViews = false;
  #onLoginLost: () => void = () => undefined;

  constructor(fetcher: typeof fetch = (...request) => fetch(...request)) {
    this.#fetch = fetcher;
  }

  /** Called when an answer says that the login has ended. */
  whenLoginLost(listener: () => void): void {
    this.#onLoginLost = listener;
  }

  /** True while a logout or a change of role is on its way: the gateway ends the views itself. */
  get endsViews(): boolean {
    return this.#endsViews;
  }

  async login(body: LoginRequest): Promise<Result<Me>> {
    return this.#keep(await this.#ask('post', '/api/login', { body }));
  }

  async logout(): Promise<Result<undefined>> {
    this.#endsViews = true;
    const result = await this.#call('post', '/api/logout', {});
    this.#endsViews = false;
    if (result.kind === 'ok') this.#csrf = undefined;
    return result;
  }

  /** Null when nobody is logged in. */
  async me(): Promise<Result<Me | null>> {
    const result = this.#keep(await this.#ask('get', '/api/me', {}));
    if (!isLoginLost(result)) return result;
    // Whoever had a token was logged in until now; a first visit had none.
    if (this.#csrf !== undefined) this.#onLoginLost();
    this.#csrf = undefined;
    return ok(null);
  }

  async chooseRole({ role, agency }: RoleChoice): Promise<Result<Me>> {
    this.#endsViews = true;
    const result = await this.#call('post', '/api/me/role', { body: { role, agency } });
    this.#endsViews = false;
    return this.#keep(result);
  }

  /** All cameras the role may ever see, with their verdicts for one purpose. */
  async cameras(purpose: Purpose | null, signal?: AbortSignal): Promise<Result<CameraItem[]>> {
    const items: CameraItem[] = [];
    let cursor: number | null = 0;
    while (cursor !== null) {
      const query: CameraQuery = { purpose, limit: PAGE_SIZE, cursor };
      const aborts = signal === undefined ? {} : { signal };
      const page: Result<CameraPage> = await this.#call('get', '/api/cameras', {
        query,
        ...aborts,
      });
      if (page.kind !== 'ok') return page;
      items.push(...page.value.items);
      cursor = page.value.next_cursor === null ? null : Number(page.value.next_cursor);
    }
    return ok(items);
  }

  openView(body: OpenViewRequest): Promise<Result<OpenedView>> {
    return this.#call('post', '/api/views', { body });
  }

  setQuality(viewId: string, quality: Quality): Promise<Result<undefined>> {
    const path = { view_id: viewId };
    return this.#call('patch', '/api/views/{view_id}', { path, body: { quality } });
  }

  closeView(viewId: string): Promise<Result<undefined>> {
    const path = { view_id: viewId };
    return this.#call('delete', '/api/views/{view_id}', { path, keepalive: true });
  }

  views(): Promise<Result<ViewList>> {
    return this.#call('get', '/api/views', {});
  }

  discovery(): Promise<Result<Discovery>> {
    return this.#call('get', '/api/discovery', {});
  }

  startScan(): Promise<Result<unknown>> {
    return this.#call('post', '/api/discovery/scans', { body: {} });
  }

  register(finding: string, body: RegisterRequest): Promise<Result<{ camera: string }>> {
    const path = { finding };
    return this.#call('post', '/api/discovery/findings/{finding}/register', { path, body });
  }

  configStatus(): Promise<Result<ConfigStatus>> {
    return this.#call('get', '/api/config', {});
  }

  accounts(): Promise<Result<AccountList>> {
    return this.#call('get', '/api/accounts', {});
  }

  disableAccount(account: string, disabled: boolean): Promise<Result<undefined>> {
    const path = { account };
    return disabled
      ? this.#call('post', '/api/accounts/{account}/disable', { path })
      : this.#call('post', '/api/accounts/{account}/enable', { path });
  }

  audit({ account, camera, cursor }: AuditFilter): Promise<Result<AuditPage>> {
    const query = { limit: 100, account: account ?? null, camera: camera ?? null };
    return this.#call('get', '/api/audit', { query: { ...query, cursor: cursor ?? null } });
  }

  verifyAudit(): Promise<Result<AuditVerdict>> {
    return this.#call('get', '/api/audit/verify', {});
  }

  #keep(result: Result<Me>): Result<Me> {
    if (result.kind === 'ok') this.#csrf = result.value.csrf;
    return result;
  }

  /** A request of somebody who is logged in. */
  async #call<P extends Path, V extends VerbOf<P>>(
    verb: V,
    template: P,
    parts: Parts<P, V>,
  ): Promise<Result<Answer<P, V>>> {
    const result = await this.#ask(verb, template, parts);
    if (isLoginLost(result)) this.#onLoginLost();
    return result;
  }

  #ask<P extends Path, V extends VerbOf<P>>(
    verb: V,
    template: P,
    parts: Parts<P, V>,
  ): Promise<Result<Answer<P, V>>> {
    const { path, query, body, keepalive, signal } = parts;
    return send(this.#fetch, {
      method: verb.toUpperCase(),
      template,
      path,
      query: query as object | undefined,
      body,
      csrf: this.#csrf,
      keepalive,
      signal,
    });
  }
}

function isLoginLost(result: Result<unknown>): boolean {
  return result.kind === 'denied' && result.problem.status === 401;
}
