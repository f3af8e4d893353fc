/** Reports an error at most once in ten seconds, so an outage is not logged for each attempt to connect. */
export function throttledReport(report: (error: unknown) => void): (error: unknown) => void {
  let next = 0;
  return (error) => {
    if (performance.now() < next) return;
    next = performance.now() + 10_000;
    report(error);
  };
}
