/** vega-embed as JupyterLab loads it, with Vega's interpreter: expressions of a chart are walked, not made into code. */
import embed from 'vega-embed';

export { vega } from 'vega-embed';

const embedInterpreted: typeof embed = (element, spec, options) =>
  embed(element, spec, { ...options, ast: true });
export default embedInterpreted;
