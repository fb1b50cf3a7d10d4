declare module "opencc-js/dict/TSCharacters" {
  /** `traditional simplified [others…]`, parted by `|`. */
  const pairs: string;
  // eslint-disable-next-line no-restricted-syntax -- so the package has it
  export default pairs;
}
