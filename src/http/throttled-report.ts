/** Passes an error on at most once in ten seconds: an outage is logged once, and not at every attempt to connect. */
export function throttledReport(report: (error: unknown) => void): (error: unknown) => void {
  let next = 0;
  return (error) => {
    if (performance.now() < next) return;
    next = performance.now() + 10_000;
    report(error);
  };
}
