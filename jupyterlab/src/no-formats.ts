/** Stands in for ajv-formats: the validator checks no formats. */
export default function noFormats(): void {}
