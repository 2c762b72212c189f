import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { UserError } from '../user-error.ts'
import { projectFolder } from './settings.ts'
import { compareVersions, minorOf, parseVersion, type Version } from './version.ts'

export const defaultKubernetes = '1.34'

/** Holds one Go module file a Kubernetes minor: the one place for the exact versions. */
const modulesFolder = path.join(projectFolder, 'clusters/node-image/go/versions')

/**
 * The node images that kind published, by Kubernetes minor. A tag may be moved; a digest names one build for ever.
 * From the release notes of kind v0.33.0 (1.34 to 1.36), v0.32.0 (1.33) and v0.31.0 (1.32).
 */
const kindNodeImages: Readonly<Record<string, string>> = {
  '1.36': 'kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed',
  '1.35': 'kindest/node:v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0',
  '1.34': 'kindest/node:v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d',
  '1.33': 'kindest/node:v1.33.12@sha256:3f5c8443c620245e4d355cfe09e96a91ead32ceaa569d3f1ca9edf0cb2fe2ff4',
  '1.32': 'kindest/node:v1.32.11@sha256:5fc52d52a7b9574015299724bd68f183702956aa4a2116ae75a63cb574b35af8',
}

/** The name under which kind published a node image of this minor, where it is known. */
export function kindNodeImage(minor: string): string | undefined {
  return kindNodeImages[minor]
}

/** The exact Kubernetes version of each minor that a node image can be built for, oldest first. */
export function supportedKubernetes(folder: string = modulesFolder): ReadonlyMap<string, Version> {
  const versions = readdirSync(folder)
    .filter((file) => file.endsWith('.mod'))
    .map((file) => kubernetesIn(readFileSync(path.join(folder, file), 'utf8'), path.join(folder, file)))
    .toSorted(compareVersions)
  return new Map(versions.map((version) => [minorOf(version), version]))
}

/**
 * The Kubernetes version that a Go module file requires.
 * @throws {Error} where it requires none: a fault in this project, not in its use
 */
export function kubernetesIn(moduleFile: string, name: string): Version {
  const required = /^\s*(?:require\s+)?k8s\.io\/kubernetes\s+(v\S+)/m.exec(moduleFile)?.[1]
  const version = required === undefined ? undefined : parseVersion(required)
  if (version === undefined) throw new Error(`${name} does not require a released k8s.io/kubernetes`)
  return version
}

/**
 * The exact version of a minor such as `1.34`.
 * @throws {UserError} where the minor is not supported
 */
export function kubernetesVersion(minor: string, supported = supportedKubernetes()): Version {
  const version = supported.get(minor)
  if (version !== undefined) return version
  throw new UserError(`Kubernetes ${JSON.stringify(minor)} is not supported`, {
    exitCode: 2,
    hint: `Choose a minor version: --kubernetes ${[...supported.keys()].join(', ')}`,
  })
}

/**
 * The minors in what was given to `--kubernetes`, which may be repeated and may hold a list: `1.34,1.36`.
 * @returns the default where nothing was given; each minor once
 * @throws {UserError} where one is not supported
 */
export function chosenKubernetes(given: readonly string[], supported = supportedKubernetes()): string[] {
  if (given.length === 0) return [defaultKubernetes]
  const minors = given.flatMap((list) => list.split(',')).map((minor) => minor.trim().replace(/^v/, ''))
  return [...new Set(minors)].map((minor) => minorOf(kubernetesVersion(minor, supported)))
}
