/* An address as people on the spot say it: without the district, street and community everybody there knows. */
const KNOWN_THERE = /^(.{0,16}?(?:街道|镇|乡).{1,12}?(?:社区|村))(.+)$/u;

/* {near, wide}: street and number, and what stood before them; nothing is left out of the two together. */
export function splitAddress({ address }) {
  const [, wide, near] = KNOWN_THERE.exec(address ?? "") ?? [];
  return near ? { near, wide } : { near: address ?? "", wide: "" };
}
