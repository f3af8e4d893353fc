/**
 * The names of authenticators by their AAGUID, for the first name of a passkey. Without attestation an authenticator can say
 * anything, so the name is only a help for the owner.
 */
const names: Readonly<Record<string, string>> = {
  'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4': 'Google Password Manager',
  'adce0002-35bc-c60a-648b-0b25f1f05503': 'Chrome on Mac',
  'fbfc3007-154e-4ecc-8c0b-6e020557d7bd': 'Apple Passwords',
  'dd4ec289-e01d-41c9-bb89-70fa845d4bf2': 'Apple Passwords',
  '08987058-cadc-4b81-b6e1-30de50dcbe96': 'Windows Hello',
  '9ddd1817-af5a-4672-a2b9-3e3dd95000a9': 'Windows Hello',
  '6028b017-b1d4-4c02-b4b3-afcdafc96bb2': 'Windows Hello',
  '53414d53-554e-4700-0000-000000000000': 'Samsung Pass',
  'bada5566-a7aa-401f-bd96-45619a55120d': '1Password',
  'd548826e-79b4-db40-a3d8-11116f7e8349': 'Bitwarden',
  '531126d6-e717-415c-9320-3d9aa6981239': 'Dashlane',
  '0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6': 'Keeper',
  'fdb141b2-5d84-443e-8a35-4698c205a502': 'KeePassXC',
  'b84e4048-15dc-4dd0-8640-f4f60813c8af': 'NordPass',
  '50726f74-6f6e-5061-7373-50726f746f6e': 'Proton Pass',
};

const unknown = '00000000-0000-0000-0000-000000000000';

/** The AAGUID of an authenticator; null if it does not say which it is. */
export const knownAaguid = (aaguid: string): string | null => (aaguid === unknown ? null : aaguid);

/**
 * The name of an authenticator. One that is carried from device to device is a security key; otherwise `device`, the browser
 * in which it was added, tells passkeys apart.
 */
export function authenticatorName(
  aaguid: string,
  transports: readonly string[],
  device: string,
): string {
  const name = names[aaguid];
  if (name) return name;
  const isCarried = transports.some((one) => ['usb', 'nfc', 'ble', 'smart-card'].includes(one));
  return isCarried && !transports.includes('internal') && !transports.includes('hybrid')
    ? 'Security key'
    : device;
}
