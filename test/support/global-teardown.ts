/** Removes what global-setup.ts made. */
export default async function globalTeardown(): Promise<void> {
  await (globalThis as { removeTemplates?: () => Promise<void> }).removeTemplates?.();
}
