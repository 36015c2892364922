"""Values of augmentations by Pillow and torchvision for augmentations.test.ts: python augmentations.py > augmentations.json"""

import hashlib
import json

import numpy as np
import PIL
import torch
import torchvision
from deterministic import excerpt, uniform
from PIL import Image
from torchvision.transforms import InterpolationMode, RandAugment, TrivialAugmentWide
from torchvision.transforms.autoaugment import _apply_op
from torchvision.transforms.v2 import functional as F2

SALT, HEIGHT, WIDTH = 'augmentations', 29, 41

# Values that are neither evenly spread nor reach black and white, so that equalize and autocontrast have work.
bytes_ = np.floor(20 + 180 * uniform(SALT, 'image', HEIGHT * WIDTH * 3) ** 2).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)
images = {'colour': Image.fromarray(bytes_), 'grey': Image.fromarray(bytes_[:, :, 0].copy())}
spaces = {
    'RandAugment': lambda bins, size: RandAugment()._augmentation_space(bins, size),
    'TrivialAugment': lambda bins, size: TrivialAugmentWide()._augmentation_space(bins),
}

tables = []
for space, table in spaces.items():
    for bins, size in ((31, (331, 224)), (31, (HEIGHT, WIDTH)), (10, (28, 28)), (9, (7, 500))):
        rows = {name: [m.reshape(-1).tolist(), signed] for name, (m, signed) in table(bins, size).items()}
        tables.append({'space': space, 'bins': bins, 'size': size, 'rows': rows})

operations = []
for form, image in images.items():
    for name, (magnitudes, signed) in spaces['TrivialAugment'](31, (HEIGHT, WIDTH)).items():
        for bin_ in (0, 11, 30) if magnitudes.ndim else (0,):
            magnitude = magnitudes.reshape(-1)[bin_].item()
            for sign in (1, -1) if signed and bin_ else (1,):
                fill = [9, 8, 7] if form == 'colour' else [9]
                done = np.asarray(_apply_op(image, name, sign * magnitude, InterpolationMode.NEAREST, fill))
                digest = hashlib.sha256(done.tobytes()).hexdigest()
                operations.append({'form': form, 'name': name, 'magnitude': sign * magnitude, 'sha256': digest})

floats = torch.from_numpy(bytes_.transpose(2, 0, 1).copy()).float() / 255
runs = {
    'posterize.3': lambda: F2.posterize(floats, 3),
    'solarize.0.4': lambda: F2.solarize(floats, 0.4),
    'autocontrast': lambda: F2.autocontrast(floats),
    'equalize': lambda: F2.equalize(floats),
    'adjustSharpness.0.3': lambda: F2.adjust_sharpness(floats, 0.3),
    'adjustSharpness.1.9': lambda: F2.adjust_sharpness(floats, 1.9),
}
print(
    json.dumps(
        {
            'salt': SALT,
            'pillow': PIL.__version__,
            'torchvision': torchvision.__version__,
            'tables': tables,
            'operations': operations,
            'floats': {name: excerpt(run().numpy()) for name, run in runs.items()},
        }
    )
)
