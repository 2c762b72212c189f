/** Link-local address of a cloud's metadata service; Hetzner Cloud documents it under "Server metadata". */
export const metadataAddress = '169.254.169.254'

/** A DNS label (RFC 1123): what a machine takes for a host name. */
export const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
