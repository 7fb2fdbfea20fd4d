"""The same maps as a physicist would write them with numpy, SciPy and SimpleITK: `libpeers.py STEP SLICES`."""
import json
import sys
import time

import numpy

# HU per mg/cm3 of hydroxyapatite, muscle and fat at 80 kV and at 150 kV behind tin, 5 cm deep; noise in HU.
MINERAL, MUSCLE, FAT, NOISE = (2.19, 0.94), (46.0, 41.0), (-109.0, -63.0), (12.0, 10.0)


def images(slices):
    shape = (slices, 512, 512)
    generator = numpy.random.default_rng(1)
    noise = generator.integers(-30, 30, size=(8, 512, 512), dtype=numpy.int16)
    low = numpy.empty(shape, numpy.int16)
    high = numpy.empty(shape, numpy.int16)
    for k in range(slices):
        low[k] = 46 + noise[k % 8]
        high[k] = 41 + noise[(k + 3) % 8]
    low[:, 200:220, 200:220] += 438
    high[:, 200:220, 200:220] += 188
    return low, high


def point_wise(low, high):
    """Hydroxyapatite on a tissue, its deviation, fat and water; single precision, temporaries used again."""
    x, y = low.astype(numpy.float32), high.astype(numpy.float32)
    fat_low, fat_high = FAT[0] - MUSCLE[0], FAT[1] - MUSCLE[1]
    determinant = MINERAL[0] * fat_high - MINERAL[1] * fat_low
    fat = (x - MUSCLE[0]) * numpy.float32(-MINERAL[1] / determinant)
    fat += (y - MUSCLE[1]) * numpy.float32(MINERAL[0] / determinant)
    water = (x - MUSCLE[0]) * numpy.float32(-fat_high / determinant / 3160)
    water -= (y - MUSCLE[1]) * numpy.float32(-fat_low / determinant / 3160)
    water += 1
    water -= fat
    q = numpy.float32(0.01)
    v_low = NOISE[0] ** 2 + q * fat_low ** 2
    v_high = NOISE[1] ** 2 + q * fat_high ** 2
    both = q * fat_low * fat_high
    w_low, w_high = MINERAL[0] * v_high - MINERAL[1] * both, MINERAL[1] * v_low - MINERAL[0] * both
    information = w_low * MINERAL[0] + w_high * MINERAL[1]
    mineral = (x - MUSCLE[0]) * numpy.float32(w_low / information)
    mineral += (y - MUSCLE[1]) * numpy.float32(w_high / information)
    deviation = numpy.full_like(x, ((v_low * v_high - both * both) / information) ** 0.5)
    air = x + y < -1000
    for result in (mineral, deviation, fat, water):
        result[air] = 0
    return mineral, deviation, fat, water


def tissue(low, high, smooth):
    """The smoothed images without mineral and air: a normalised convolution of both and of the square of the fat."""
    x, y = low.astype(numpy.float32), high.astype(numpy.float32)
    weight = ((x > -300) & (x < 150)).astype(numpy.float32)
    total = smooth(weight)
    total += 1e-6
    a, b = smooth(x * weight) / total, smooth(y * weight) / total
    fat = (x - MUSCLE[0]) * numpy.float32(1 / (FAT[0] - MUSCLE[0]))
    return a, b, smooth(fat * fat * weight) / total


def smooth_scipy(image):
    from scipy import ndimage
    return ndimage.gaussian_filter(image, 3.2, truncate=3, output=numpy.float32)


def smooth_simpleitk(image):
    import SimpleITK
    return SimpleITK.GetArrayFromImage(
        SimpleITK.SmoothingRecursiveGaussian(SimpleITK.GetImageFromArray(image), 3.2))


def main():
    low, high = images(int(sys.argv[2]))
    steps = {
        "point-wise": lambda: point_wise(low, high),
        "tissue-scipy": lambda: tissue(low, high, smooth_scipy),
        "tissue-simpleitk": lambda: tissue(low, high, smooth_simpleitk),
    }
    work = steps[sys.argv[1]]
    times = []
    for _ in range(3 if sys.argv[1] == "point-wise" else 1):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    print(json.dumps({"milliseconds": 1000 * min(times)}))


if __name__ == "__main__":
    main()
