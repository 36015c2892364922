import { parseArgs, type ParseArgsConfig } from 'node:util';

/** As `parseArgs` of Node, but a mistake on the command line is told in a line and ends the program. */
export function parseCommandLine<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    // Node goes on with advice that has nothing to do with these programs.
    console.error(`${message.split('. ', 1)[0]}; --help lists the options`);
    return process.exit(2);
  }
}
