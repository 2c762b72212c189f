import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Gives a text a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_, text) => text

/** For a terminal. Whether the output is one has been decided before. */
export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false })
