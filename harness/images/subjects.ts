import type { ChartRequest } from './charts.ts'
import { type ImageRequest, imageNamed } from './request.ts'

/** A system under test, or a helper of one, at one version. */
export interface Subject {
  readonly version: string
  readonly image: ImageRequest
}

/** One that is unpacked from an archive where no registry can be reached. */
export interface ArchivedSubject extends Subject {
  /**
   * The archived image's id (`docker inspect`'s `.Id`, its configuration's digest), as it is right after the load. The
   * published image of the same name was built by others and has another id.
   */
  readonly archivedId: string
}

/** One that is installed by its vendor's chart. */
export interface ChartedSubject extends ArchivedSubject {
  /** Its values must name the image's tag: what the archived charts say of their own version is a placeholder. */
  readonly chart: ChartRequest
}

/** Where Spegel is published, up to v0.0.18 and from v0.0.19 on. */
const [xenitab, spegelOrg] = ['ghcr.io/xenitab', 'ghcr.io/spegel-org']

/** The released distribution that clusters/subject-images/registry/go.mod pins. */
const registryVersion = '3.1.2'

/**
 * Names, versions and digests of the systems under test and of what they need: the one place for them. Versions of
 * Kubernetes are in versions.ts.
 */
export const subjects = {
  spegel: {
    /** The version of spegel#333: a stale leader after a second node has joined. */
    'v0.0.14': spegel('v0.0.14', xenitab, 'sha256:49fbbffdb142e26087dfa3a70e2631641d48e2492da1f99e631f58e44b417856'),
    /** The version of spegel#339: an election that blocked egress keeps from ending. */
    'v0.0.17': spegel('v0.0.17', xenitab, 'sha256:105e43d8bcb2c8026981f4f0be9311498e6b799040590dc1302d2cdf73172f62'),
    /** A current one, which finds its peers by DNS and elects nobody. */
    'v0.7.4': spegel('v0.7.4', spegelOrg, 'sha256:d3bb8c85e240e4773a42a75f81ee1831d63d945f5763e9a69e8527b63f4a37d4'),
  },
  /** Enforces NetworkPolicy. */
  kubeRouter: {
    version: 'v2.5.0',
    image: imageNamed('docker.io/cloudnativelabs/kube-router:v2.5.0'),
    archivedId: 'sha256:5e9e263229f6c83583eff4b22cac9b9ab91d3dcbbe13f9ec1bed17b84805a4e4',
  },
  /**
   * The reference registry (distribution). Run it without arguments, or with `serve CONFIGURATION`: its configuration is
   * /etc/distribution/config.yml, its data are in /var/lib/registry, and there is no shell.
   */
  registry: {
    version: registryVersion,
    image: ownImage('registry', `clusterproof/registry:v${registryVersion}`, {
      accepted: ['registry:3.*', 'registry:3'],
      pull: 'registry:3',
    }),
  },
  /** This project's own program on client-go's leader election, for machines where Spegel cannot be had. */
  elector: { version: 'v1', image: ownImage('elector', 'clusterproof/elector:v1') },
} as const satisfies Record<string, Subject | ArchivedSubject | Record<string, ChartedSubject>>

/** `v0.0.17` and so on. */
export type SpegelVersion = keyof typeof subjects.spegel

function spegel(version: string, organisation: string, archivedId: string): ChartedSubject {
  return {
    version,
    image: { ...imageNamed(`${organisation}/spegel:${version}`), base: 'distroless-static' },
    chart: {
      name: 'spegel',
      // Charts are published without the v since 0.1.0.
      version: version.startsWith('v0.0.') ? version : version.slice(1),
      archive: `spegel-${version}.tgz`,
      repository: `oci://${organisation}/helm-charts/spegel`,
    },
    archivedId,
  }
}

interface Published {
  readonly accepted: readonly string[]
  readonly pull: string
}

/** An image that clusters/subject-images builds; what others publish in its place is as good. */
function ownImage(name: string, image: string, published?: Published): ImageRequest {
  return {
    name: image,
    accepted: [image, ...(published?.accepted ?? [])],
    ...(published !== undefined && { pull: published.pull }),
    build: {
      image,
      program: 'clusters/subject-images/build',
      args: [name, image],
      recipeArgs: ['--recipe', name],
      needs: 'go',
    },
  }
}
