/** Whether a text is a uuid as Postgres and `randomUUID` write it: other texts name no row. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
