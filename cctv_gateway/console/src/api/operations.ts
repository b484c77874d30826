/**
 * Derives from the OpenAPI types what each operation takes and answers.
 * Types only; sending belongs in `http.ts`.
 */
import type { paths } from './schema';

export type Verb = 'get' | 'post' | 'patch' | 'delete';
export type Path = keyof paths;

/** The verbs that a path really has. */
export type VerbOf<P extends Path> = {
  [V in Verb]: paths[P] extends Record<V, { responses: unknown }> ? V : never;
}[Verb];

type Operation<P extends Path, V extends Verb> = paths[P] extends Record<V, infer O> ? O : never;

type Json<R> = R extends { content: { 'application/json': infer B } } ? B : undefined;

type Good<R> = {
  [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never;
}[keyof R];

export type Answer<P extends Path, V extends Verb> =
  Operation<P, V> extends { responses: infer R } ? Good<R> : never;

type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? { body: B }
  : { body?: never };

type PathOf<O> = O extends { parameters: { path: infer X extends Record<string, string> } }
  ? { path: X }
  : { path?: never };

type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? { query?: Q } : { query?: never };

export type Parts<P extends Path, V extends Verb> = BodyOf<Operation<P, V>> &
  PathOf<Operation<P, V>> &
  QueryOf<Operation<P, V>> & {
    /** Lets the request leave although the page is being closed. */
    keepalive?: boolean;
    signal?: AbortSignal;
  };
