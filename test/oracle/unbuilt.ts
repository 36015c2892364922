/**
 * Cases of the reference values for what the library does not have yet. What gets built leaves this list.
 */
const unbuilt: Readonly<Record<string, RegExp>> = {
  layers:
    /^(convT|ln|gn|in2d|GELU|Silu|LeakyReLU|ELU|SELU|Softplus|Mish|Hardtanh|Softsign|LogSigmoid|CELU|Softshrink|Hardshrink|Tanhshrink|ThresholdedReLU|PReLU|upsample_.*|pad2d|pixelshuffle)$/,
  losses: /^(MSELoss|L1Loss|SmoothL1Loss|BCELoss|BCEWithLogitsLoss|NLLLoss|KLDivLoss)_/,
  init: /^(Embedding|LayerNorm|Conv2DTranspose|LSTM|PReLU)$/,
  optimizers: /^(AdamW|Adamax|Adagrad|Adadelta|RMSProp|RMSProp_centered_momentum|Lamb|NAdam|RAdam|Rprop|ASGD)$/,
  summary: /./,
  transforms: /^rotate30/,
};

/** True when the library does not have what a case checks. */
export function isUnbuilt(job: string, name: string): boolean {
  return unbuilt[job]?.test(name) ?? false;
}
