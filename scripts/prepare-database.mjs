// Runs at the end of `npm run build`: puts the prepared database next to the built module that uses it (db/prepared.ts).
const built = new URL('../dist/db/prepared.js', import.meta.url);
const { savePrepared } = await import(built.href);
await savePrepared();
