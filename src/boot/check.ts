/** The result of one check, and what to do about a problem. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  message: string;
  remedy?: string;
}

export const ok = (name: string, message: string): Check => ({ name, status: 'ok', message });

export const warning = (name: string, message: string, remedy: string): Check => ({
  name,
  status: 'warning',
  message,
  remedy,
});

export const failed = (name: string, message: string, remedy?: string): Check => ({
  name,
  status: 'failed',
  message,
  ...(remedy && { remedy }),
});
