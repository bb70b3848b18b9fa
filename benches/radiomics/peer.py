"""Times one program on the benchmark's cases; run by `compare.py` with the Python of that program's environment.

peer.py PROGRAM warm IMAGE MASK --bin-width W --levels N --repeats N --warm-up N   JSON: seconds of each class, in memory
peer.py PROGRAM whole IMAGE MASK --bin-width W --levels N                          from files to features, once
peer.py PROGRAM case IMAGE MASK                                                    writes the made-up case (pyradiomics)
"""

import argparse
import json
import logging
import time


def best(work, repeats, warm_up):
    for _ in range(warm_up):
        work()
    wall = cpu = float("inf")
    for _ in range(repeats):
        start, start_cpu = time.perf_counter(), time.process_time()
        work()
        wall = min(wall, time.perf_counter() - start)
        cpu = min(cpu, time.process_time() - start_cpu)
    return {"wall": wall, "cpu": cpu}


def pyradiomics(options):
    import radiomics
    from radiomics import featureextractor, imageoperations

    radiomics.logger.setLevel(logging.ERROR)
    settings = {"binWidth": options.bin_width, "label": 1, "additionalInfo": False}
    extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
    version = f"PyRadiomics {radiomics.__version__.lstrip('v')}"
    if options.mode == "whole":
        return version, {"features": len(extractor.execute(options.image, options.mask))}
    import SimpleITK as sitk

    image, mask = sitk.ReadImage(options.image), sitk.ReadImage(options.mask)
    box, _ = imageoperations.checkMask(image, mask, **settings)
    image_part, mask_part = imageoperations.cropToTumorMask(image, mask, box)
    classes = {}
    features = 0
    for name in ["firstorder", "shape", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]:
        kind = radiomics.getFeatureClasses()[name]

        def work():
            found = kind(image_part, mask_part, **settings)
            found.enableAllFeatures()
            return found.execute()

        features += len(work())
        classes[name] = best(work, options.repeats, options.warm_up)
    classes["all"] = best(lambda: extractor.execute(image, mask), options.repeats, options.warm_up)
    return version, {"classes": classes, "features": features}


def nyxus(options):
    import nyxus

    version = f"Nyxus {nyxus.__version__}"

    def extractor(groups):
        return nyxus.Nyxus3D(groups, n_feature_calc_threads=1, coarse_gray_depth=options.levels)

    def work(program):
        return program.featurize_files([options.image], [options.mask], False)

    if options.mode == "whole":
        return version, {"features": work(extractor(["*3D_ALL*"])).shape[1]}
    groups = {
        "firstorder": "*3D_ALL_INTENSITY*",
        "shape": "*3D_ALL_MORPHOLOGY*",
        "glcm": "*3D_GLCM*",
        "glrlm": "*3D_GLRLM*",
        "glszm": "*3D_GLSZM*",
        "gldm": "*3D_GLDM*",
        "ngtdm": "*3D_NGTDM*",
        "all": "*3D_ALL*",
    }
    classes = {}
    for name, group in groups.items():
        program = extractor([group])
        features = work(program).shape[1]
        classes[name] = best(lambda: work(program), options.repeats, options.warm_up)
    return version, {"classes": classes, "features": features}


def pictologics(options):
    import numpy
    import pictologics
    from pictologics import RadiomicsPipeline, load_image, preprocessing
    from pictologics.features import intensity, morphology, texture

    version = f"pictologics {pictologics.__version__}"
    pictologics.set_num_threads(1)
    if options.mode == "whole":
        pipeline = RadiomicsPipeline(load_standard=False)
        pipeline.add_config(
            "bench",
            [
                {"step": "discretise", "params": {"method": "FBS", "bin_width": options.bin_width, "min_val": 0.0}},
                {"step": "extract_features", "params": {"families": ["intensity", "morphology", "texture"]}},
            ],
        )
        found = pipeline.run(options.image, options.mask, config_names=["bench"])
        return version, {"features": len(found["bench"])}
    image, mask = load_image(options.image), load_image(options.mask)
    inside = mask.array > 0
    values = image.array[inside]
    box = tuple(slice(int(ends.min()), int(ends.max()) + 1) for ends in numpy.nonzero(inside))

    def levels():
        found = preprocessing.discretise_image(image, "FBS", mask, bin_width=options.bin_width, min_val=0.0)
        array = found.array if hasattr(found, "array") else found
        return numpy.ascontiguousarray(array[box])

    discrete = levels()
    inside_box = numpy.ascontiguousarray(mask.array[box])
    count = int(discrete[inside_box > 0].max())

    def family(name):
        return lambda: texture.calculate_all_texture_features(discrete, inside_box, count, families=name)

    work = {
        "levels": levels,
        "firstorder": lambda: intensity.calculate_intensity_features(values),
        "shape": lambda: morphology.calculate_morphology_features(mask),
        **{ours: family(theirs) for ours, theirs in
           [("glcm, merged", "glcm"), ("glrlm, merged", "glrlm"), ("glszm", "glszm"), ("gldm", "ngldm"), ("ngtdm", "ngtdm")]},
    }

    def everything():
        disc = levels()
        found = dict(intensity.calculate_intensity_features(values))
        found.update(morphology.calculate_morphology_features(mask))
        found.update(texture.calculate_all_texture_features(
            disc, inside_box, count, families=["glcm", "glrlm", "glszm", "ngldm", "ngtdm"]))
        return found

    classes = {name: best(do, options.repeats, options.warm_up) for name, do in work.items()}
    classes["all"] = best(everything, options.repeats, options.warm_up)
    return version, {"classes": classes, "features": len(everything())}


def case(options):
    """60,000 voxels of a lobed body; intensities 0 to 1000 of smooth noise on three scales, about 40 levels of 25."""
    import numpy
    import SimpleITK as sitk

    shape = (56, 80, 80)
    random = numpy.random.Generator(numpy.random.PCG64(20240607))

    def smooth(array, times):
        for _ in range(times):
            for axis in range(3):
                array = (numpy.roll(array, 1, axis) + 2 * array + numpy.roll(array, -1, axis)) / 4
        return array

    fields = [smooth(random.standard_normal(shape), times) for times in (0, 2, 12)]
    fields = [field / field.std() for field in fields]
    intensity = 500 + 55 * fields[0] + 90 * fields[1] + 90 * fields[2]
    z, y, x = numpy.meshgrid(*(numpy.linspace(-1, 1, n) for n in shape), indexing="ij")
    away = (x / 0.9) ** 2 + (y / 0.85) ** 2 + (z / 0.9) ** 2 + 0.35 * numpy.sin(4 * x + 2) * numpy.cos(5 * y) * numpy.cos(3 * z)
    away += 0.02 * fields[2]
    mask = numpy.zeros(shape, numpy.uint8)
    mask.flat[numpy.argsort(away, axis=None, kind="stable")[:60_000]] = 1
    for array, path in [(numpy.clip(numpy.rint(intensity), 0, 999).astype(numpy.int16), options.image), (mask, options.mask)]:
        image = sitk.GetImageFromArray(array)
        image.SetSpacing((0.9, 0.9, 1.2))
        sitk.WriteImage(image, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("mode", choices=["warm", "whole", "case"])
    parser.add_argument("image")
    parser.add_argument("mask")
    parser.add_argument("--bin-width", type=float, default=25.0)
    parser.add_argument("--levels", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=1)
    options = parser.parse_args()
    if options.mode == "case":
        case(options)
        return
    version, found = {"pyradiomics": pyradiomics, "nyxus": nyxus, "pictologics": pictologics}[options.program](options)
    print(json.dumps({"program": version, **found}))


main()
