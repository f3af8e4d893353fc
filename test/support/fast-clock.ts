// Preloaded into a server: its clock is ten seconds fast.
const { now } = Date;
Date.now = () => now() + 10_000;
