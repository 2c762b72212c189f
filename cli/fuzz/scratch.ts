let folder: string | null = null

/** Has the inputs that are files written here. Who made the folder removes it: a thread that is ended cannot. */
export function useScratch(made: string): void {
  folder = made
}

/** The folder for inputs that are files. */
export function scratch(): string {
  if (folder === null) throw new Error('there is no folder for inputs: useScratch() comes first')
  return folder
}
