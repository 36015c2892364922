"""Values of warped and resized images by real Paddle (with Pillow and OpenCV) for warps.test.ts: python warps.py > warps.json"""

import json

import cv2
import numpy as np
import PIL
import paddle
from paddle.vision.transforms import functional as F
from deterministic import excerpt, uniform
from PIL import Image

SALT, HEIGHT, WIDTH = 'warps', 37, 53

bytes_ = np.floor(256 * uniform(SALT, 'image', HEIGHT * WIDTH * 3)).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)
forms = {'pil': Image.fromarray(bytes_), 'cv2': bytes_}
starts = [[0, 0], [52, 0], [52, 36], [0, 36]]
ends = [[4, 3], [50, 6], [47, 33], [2, 30]]
cases = {}
for form, image in forms.items():
    runs = {}
    for how in ('nearest', 'bilinear', 'bicubic'):
        runs[f'rotate.{how}'] = lambda how=how: F.rotate(image, -17.3, how, False, None, (9, 8, 7))
        runs[f'rotate.expand.{how}'] = lambda how=how: F.rotate(image, 200.5, how, True, None, (9, 8, 7))
        # Paddle does not centre arrays, and the library does.
        if form == 'pil':
            runs[f'affine.{how}'] = lambda how=how: F.affine(image, 20.0, (3, -2), 1.3, (8, -5), how)
        # Paddle hands Pillow the fill of affine and perspective in the wrong place, so that it has no effect.
        fill = 0 if form == 'pil' else (9, 8, 7)
        runs[f'perspective.{how}'] = lambda how=how, fill=fill: F.perspective(image, starts, ends, how, fill)
    for how in ('box', 'lanczos', 'hamming') if form == 'pil' else ('area', 'lanczos'):
        runs[f'resize.down.{how}'] = lambda how=how: F.resize(image, (20, 30), how)
        runs[f'resize.up.{how}'] = lambda how=how: F.resize(image, (64, 91), how)
    for name, run in runs.items():
        values = np.asarray(run()).astype(np.float64)
        cases[f'{form}.{name}'] = {
            'shape': list(values.shape),
            'size': values.size,
            **excerpt(values),
        }
versions = {'paddle': paddle.__version__, 'pillow': PIL.__version__, 'opencv': cv2.__version__}
print(json.dumps({'salt': SALT, **versions, 'cases': cases}, indent=1))
