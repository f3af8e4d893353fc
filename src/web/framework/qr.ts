import { renderSVG } from 'uqr';

/**
 * A QR code of an address, as an SVG image: dark on white whatever surrounds it, with the quiet zone of
 * four modules that scanners need, readable with a seventh of it hidden.
 */
export function qrCode(url: string): string {
  return renderSVG(url, { ecc: 'M', border: 4, whiteColor: '#ffffff', blackColor: '#000000' });
}
