import { UserError } from '../user-error.ts'
import type { ImageRequest } from './request.ts'

/**
 * The image of the newest k3s release of each Kubernetes minor, in August 2026 (the last of 1.32 is of March 2026). A
 * tag cannot have the `+` of `v1.34.11+k3s1`. A tag may be moved; a digest names one build for ever.
 */
const k3sImages: Readonly<Record<string, string>> = {
  '1.32': 'rancher/k3s:v1.32.13-k3s1@sha256:7534b63e02277917f77c584ed5532b31562c760d6bb8fe88059002e9bdeee033',
  '1.33': 'rancher/k3s:v1.33.13-k3s2@sha256:ada5ff2e138120efe877f76d514dedda65b304122112b982eab532732c028c89',
  '1.34': 'rancher/k3s:v1.34.11-k3s1@sha256:5d52389a0f4fd7ebdb5a1fb2d7c67c35da966230782c4abb0667d86bcccea9c2',
  '1.35': 'rancher/k3s:v1.35.8-k3s1@sha256:59fe491fd3b73204e499e40b325240d85c42c7189c3ae50150d37b78243f3b32',
  '1.36': 'rancher/k3s:v1.36.4-k3s1@sha256:edad48e12bf81c3a09ac1c05c0c0ffaaa22145980b989d6fae84543a76b83657',
}

/**
 * What k3s' sandboxes are made of: its own default (`--pause-image`), the same in all of these releases. It is named
 * here because machines with closed egress cannot pull it.
 */
export const k3sPauseImage = 'rancher/mirrored-pause:3.6'

/**
 * The image that k3s machines of a Kubernetes minor such as `1.34` are made of. It is never built here.
 * @throws {UserError} where no release of that minor is known
 */
export function k3sImage(minor: string): ImageRequest {
  const published = k3sImages[minor]
  if (published === undefined) {
    throw new UserError(`no k3s release of Kubernetes ${JSON.stringify(minor)} is known here`, {
      exitCode: 2,
      hint: `Choose one of ${Object.keys(k3sImages).join(', ')}, or name an image with nodeImage.`,
    })
  }
  const [name = published] = published.split('@')
  return { name, accepted: [name], pull: published }
}
