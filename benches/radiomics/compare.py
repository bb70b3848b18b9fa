"""Runs the programs on the same images and regions, one after the other, and writes the table of docs/benchmarks.md."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

CLASSES = ["levels", "firstorder", "shape", "glcm", "glcm, merged", "glrlm", "glrlm, merged", "glszm", "gldm", "ngtdm", "all"]
PROGRAMS = ["prereg", "pyradiomics", "nyxus", "pictologics"]
BIN_WIDTH = 25
LEVELS = 40
# What each program is told to use one thread.
ONE_THREAD = {
    name: "1"
    for name in [
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "PICTOLOGICS_NUM_THREADS",
        "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", "RAYON_NUM_THREADS",
    ]
}


def run(command):
    """Standard output, wall and CPU seconds and peak memory (MB) of a process; None if it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **ONE_THREAD})
        except OSError as error:
            print(f"left out: {command[0]}: {error}", file=sys.stderr)
            return None
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            reason = err.read().decode(errors="replace").strip().splitlines()
            print(f"left out: {' '.join(map(str, command))}: {reason[-1] if reason else 'failed'}", file=sys.stderr)
            return None
        memory = used.ru_maxrss / (2**20 if platform.system() == "Darwin" else 2**10)
        return {"out": out.read().decode(), "wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": memory}


def last_json(text):
    return json.loads(text[text.index("{"):]) if text.lstrip().startswith("{") else json.loads(text.strip().splitlines()[-1])


def commands(options, program, image, mask, folder):
    """The warm and the whole run of a program."""
    if program == "prereg":
        settings = folder / "settings.toml"
        settings.write_text(f"discretize = {{ bin_width = {float(BIN_WIDTH)} }}\n")
        warm = [options.bench, image, mask, "--bin-width", BIN_WIDTH, "--repeats", options.repeats, "--warm-up", 3]
        whole = [options.prereg, "features", image, mask, "--settings", settings, "--format", "json"]
    else:
        python = pathlib.Path(options.peers) / program / "bin" / "python"
        if not (python.parents[1] / "complete").exists():
            return None
        script = pathlib.Path(__file__).with_name("peer.py")
        tail = [image, mask, "--bin-width", BIN_WIDTH, "--levels", LEVELS]
        warm = [python, script, program, "warm", *tail, "--repeats", options.repeats, "--warm-up", 1]
        whole = [python, script, program, "whole", *tail]
    return [[str(part) for part in command] for command in (warm, whole)]


def cases(options, folder):
    image, mask = folder / "case_image.nii.gz", folder / "case_mask.nii.gz"
    if not image.exists():
        python = pathlib.Path(options.peers) / "pyradiomics" / "bin" / "python"
        subprocess.run([python, pathlib.Path(__file__).with_name("peer.py"), "pyradiomics", "case", image, mask], check=True)
    found = {"made up": (image, mask)}
    shared = pathlib.Path("../shared/reference/radiomics/cases")
    for name in ["breast1", "brain1"]:
        if (shared / f"{name}_image.nii.gz").exists():
            found[name] = (shared / f"{name}_image.nii.gz", shared / f"{name}_label.nii.gz")
    return found


def seconds(value):
    return "–" if value is None else f"{value * 1000:.3g} ms" if value < 1 else f"{value:.2f} s"


def measure(options, program, image, mask, folder):
    both = commands(options, program, image, mask, folder)
    if both is None:
        return None
    warm, whole = both
    found = {"warm": None, "whole": None, "program": program}
    done = run(warm)
    if done:
        told = last_json(done["out"])
        found.update(program=told["program"], warm=told["classes"], features=told.get("features"), voxels=told.get("voxels"))
    runs = [done for done in (run(whole) for _ in range(options.whole_repeats)) if done]
    if runs:
        found["whole"] = {key: min(done[key] for done in runs) for key in ("wall", "cpu", "memory")}
    return found if done or runs else None


def table(results):
    lines = []
    for case, found in results.items():
        voxels = found.get("prereg", {}).get("voxels")
        lines += [f"### {case}" + (f", {voxels:,} voxels" if voxels else ""), ""]
        programs = [name for name in PROGRAMS if name in found]
        lines.append("| | " + " | ".join(found[name]["program"] for name in programs) + " |")
        lines.append("| --- |" + " ---: |" * len(programs))
        for kind in CLASSES:
            row = [seconds(((found[name]["warm"] or {}).get(kind) or {}).get("wall")) for name in programs]
            lines.append(f"| {'**all, warm**' if kind == 'all' else kind} | " + " | ".join(row) + " |")
        whole = [found[name]["whole"] or {} for name in programs]
        lines.append("| **process, from files** | " + " | ".join(seconds(row.get("wall")) for row in whole) + " |")
        lines.append("| … CPU time | " + " | ".join(seconds(row.get("cpu")) for row in whole) + " |")
        lines.append("| … peak memory | " + " | ".join(f"{row['memory']:.0f} MB" if row else "–" for row in whole) + " |")
        lines.append("")
    return lines


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return next(line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


NOTES = """\
Same image, same region, levels 25 wide, one thread, one run, the programs one after the other. Rows of classes and
*all, warm*: the best wall time of several repeats after a warm-up, image and mask already in memory. *process, from
files*: a new process that reads NIfTI files and computes all classes, best of three.

- prereg and PyRadiomics compute the same features, equal to 1e-9 or better (see features.md). Levels are shared by
  prereg's texture classes and timed by themselves; PyRadiomics sorts into levels again in each class, within its row.
- Nyxus cannot take a volume from memory: its warm figures include reading the files. It has other features (over 200)
  and 40 levels between the extremes.
- pictologics computes IBSI's features. Its textures are IBSI's merged matrices (one matrix of all directions), which
  is less work than PyRadiomics' average over 13: its figures stand in the rows *merged*, where prereg does the same
  (and the maximal correlation coefficient besides); *gldm* is IBSI's NGLDM. Its first-order features start from the
  region's values in one array, prereg's from the box and its mask. Its compiled code is cached on disk.
"""


def write(lines):
    path = pathlib.Path("docs/benchmarks.md")
    text = path.read_text() if path.exists() else "# Benchmarks\n"
    start = text.find("## Radiomics\n")
    end = text.find("\n## ", start + 1) if start >= 0 else -1
    before = text if start < 0 else text[:start]
    after = "" if end < 0 else text[end + 1:]
    section = "## Radiomics\n\n" + "\n".join(lines).rstrip() + "\n"
    path.write_text(before.rstrip() + "\n\n" + section + ("\n" + after if after else ""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", required=True)
    parser.add_argument("--prereg", required=True)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--whole-repeats", type=int, default=3)
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    folder = pathlib.Path("target/bench")
    folder.mkdir(parents=True, exist_ok=True)
    results = {}
    for case, (image, mask) in cases(options, folder).items():
        print(f"{case} …", file=sys.stderr)
        found = {name: measure(options, name, image, mask, folder) for name in PROGRAMS}
        results[case] = {name: figures for name, figures in found.items() if figures}
    (folder / "radiomics.json").write_text(json.dumps(results, indent=1))
    lines = [f"On {processor()}, `benches/radiomics/run`.", "", NOTES, *table(results)]
    print("\n".join(lines))
    if not options.no_write:
        write(lines)


main()
