/** Runs `fn` with variables of the environment set, or not set where the value is undefined. */
export function withEnvironment<T>(variables: Readonly<Record<string, string | undefined>>, fn: () => T): T {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(variables)) set(name, value);
  try {
    return fn();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}
