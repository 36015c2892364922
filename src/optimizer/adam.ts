import { checkBoolean, checkOptions } from '../common/options.js';
import { adamAccumulators, adamSettings, adamUpdate, adamUpdateAll, type AdamSettings } from './adam-rule.js';
import {
  Optimizer,
  optimizerOptionNames,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Options of {@link Adam}. */
export interface AdamOptions extends OptimizerOptions<ParameterGroup & Partial<AdamSettings>>, Partial<AdamSettings> {
  /** Use the largest second moment so far (Reddi et al., 2018). @defaultValue false */
  readonly amsgrad?: boolean;
}

/**
 * Adam (Kingma and Ba, 2015, in the form at the end of section 2): `m = beta1 m + (1 - beta1) g`,
 * `v = beta2 v + (1 - beta2) g^2`, `p -= lr_t m / (sqrt(v) + epsilon sqrt(1 - beta2^t))` with
 * `lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t)`.
 */
export class Adam extends Optimizer<AdamSettings> {
  constructor(options: AdamOptions = {}) {
    checkOptions('Adam', options, [...optimizerOptionNames, 'beta1', 'beta2', 'epsilon', 'amsgrad']);
    const amsgrad = checkBoolean('amsgrad', options.amsgrad ?? false);
    super(options, adamAccumulators(amsgrad), adamSettings(options));
  }

  protected update(update: ParameterUpdate<AdamSettings>): void {
    adamUpdate(update);
  }

  protected override updateAll(updates: readonly ParameterUpdate<AdamSettings>[]): void {
    if (!adamUpdateAll(updates)) super.updateAll(updates);
  }
}
